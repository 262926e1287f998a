import { timings } from '../lifecycle/timings.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { type Delivery, isHeld } from '../ports/task-queue.ts';
import { executeDelivery } from './execute.ts';
import type { Disposition } from './settle.ts';
import type { WorkerSetup } from './worker-setup.ts';

/** What became of a batch, once every outcome is recorded. */
export interface BatchReport {
  /** Whether the queue must keep each message, in the order of the deliveries. */
  readonly kept: readonly boolean[];
  /** Whether work goes on that was cut off: it would run on into later invocations, unless the runtime ends. */
  readonly stillRunning: boolean;
}

/**
 * Handles the messages of one invocation. They run side by side and end by themselves: one that the pipeline could not
 * handle is kept for later and harms no other. Tasks whose worker died before run after all others, one after the other,
 * so that a poison task takes nobody along; those that cost the fewest workers first, so that it holds nobody up. The
 * message of one that has not enough time left is kept. Never throws.
 */
export async function executeBatch(
  ports: PipelinePorts,
  setup: WorkerSetup,
  deliveries: readonly Delivery[],
): Promise<BatchReport> {
  const working = new Set<Promise<unknown>>();
  const worker: WorkerSetup = {
    ...setup,
    leftRunning(work) {
      working.add(work);
      void work.finally(() => working.delete(work));
    },
  };
  const company = deliveries.length > 1;
  const together = await Promise.all(
    deliveries.map((delivery) =>
      handle(ports, worker, delivery, () => executeDelivery(ports, worker, delivery, { company })),
    ),
  );
  const kept = together.map(({ kind }) => kind === 'keep');
  const alone = together.flatMap((disposition, index) =>
    disposition.kind === 'alone' ? [{ index, lost: disposition.lost }] : [],
  );
  for (const { index } of alone.sort((a, b) => a.lost - b.lost)) {
    const delivery = deliveries[index];
    if (delivery === undefined) continue;
    const last = await handle(ports, worker, delivery, () => executeAlone(ports, worker, delivery));
    kept[index] = last.kind === 'keep';
  }
  return { kept, stillRunning: working.size > 0 };
}

/** Long enough for most tasks; one that needs more is cut off by the deadline and tried again. */
const leastTime = 60_000;

async function executeAlone(
  ports: PipelinePorts,
  setup: WorkerSetup,
  delivery: Delivery,
): Promise<Disposition> {
  const hasTime = setup.deadline - ports.clock.now() >= leastTime;
  if (hasTime || !isHeld(delivery)) return executeDelivery(ports, setup, delivery);
  await ports.queue.putBack(delivery, 0);
  return { kind: 'keep' };
}

async function handle(
  ports: PipelinePorts,
  setup: WorkerSetup,
  delivery: Delivery,
  execute: () => Promise<Disposition>,
): Promise<Disposition> {
  try {
    return await execute();
  } catch (error) {
    setup.observe({ kind: 'fault', messageId: delivery.messageId, error }, delivery);
    await postpone(ports, setup, delivery);
    return { kind: 'keep' };
  }
}

/** Without this a message that a queue holds would come back only after the queue's whole visibility timeout. */
async function postpone(ports: PipelinePorts, setup: WorkerSetup, delivery: Delivery): Promise<void> {
  if (!isHeld(delivery)) return;
  try {
    await ports.queue.putBack(delivery, timings.faultDelay / 1000);
  } catch (error) {
    setup.observe({ kind: 'not-postponed', messageId: delivery.messageId, error }, delivery);
  }
}
