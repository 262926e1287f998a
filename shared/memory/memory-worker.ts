import { executeBatch } from '../pipeline/execute-batch.ts';
import type { AttemptEvent } from '../pipeline/worker-setup.ts';
import type { QueueName } from '../tasks/define-task.ts';
import type { TaskImplementation, TaskLog } from '../tasks/implement-task.ts';
import type { MemoryPorts } from './memory-ports.ts';
import type { MemoryDelivery } from './memory-task-queue.ts';

/** A worker over the memory queue, driven by hand: what Lambda and its event source mapping do on AWS. */
export interface MemoryWorker {
  /** Receives what is visible and handles it side by side; returns how many messages there were. */
  poll(queue?: QueueName): Promise<number>;
  /** Handles one message that was received by hand; a throw of the pipeline keeps it, as the mapping does. */
  handle(delivery: MemoryDelivery): Promise<void>;
  /** Everything that was observed, in order. */
  readonly events: readonly AttemptEvent[];
  /** What the pipeline threw, in order. */
  readonly faults: readonly unknown[];
}

const silent: TaskLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Creates a worker that knows the given tasks; `runMs` is the time that its invocations have. */
export function createMemoryWorker(
  ports: MemoryPorts,
  implementations: readonly TaskImplementation[],
  options: { runMs?: number } = {},
): MemoryWorker {
  const { runMs = 320_000 } = options;
  const known = new Map(implementations.map((implementation) => [implementation.spec.name, implementation]));
  const events: AttemptEvent[] = [];
  const faults: unknown[] = [];

  async function handle(deliveries: readonly MemoryDelivery[]): Promise<void> {
    const setup = {
      implementations: known,
      deadline: ports.clock.now() + runMs,
      logFor: () => silent,
      observe(event: AttemptEvent) {
        events.push(event);
        if (event.kind === 'fault') faults.push(event.error);
      },
    };
    const { kept } = await executeBatch(ports, setup, deliveries);
    for (const [index, delivery] of deliveries.entries()) if (!kept[index]) ports.queue.remove(delivery);
  }

  return {
    handle: (delivery) => handle([delivery]),
    async poll(queue = 'default') {
      const deliveries = ports.queue.receive(queue, { visibilitySeconds: 1980 });
      await handle(deliveries);
      return deliveries.length;
    },
    events,
    faults,
  };
}
