import type { TaskRecord } from '../../lifecycle/task-record.ts';
import { createMemoryPorts, type MemoryPorts } from '../../memory/memory-ports.ts';
import type { MemoryDelivery } from '../../memory/memory-task-queue.ts';
import { executeBatch } from '../../pipeline/execute-batch.ts';
import { reconcile } from '../../pipeline/reconcile.ts';
import { type Submission, submit } from '../../pipeline/submit.ts';
import type { AttemptEvent } from '../../pipeline/worker-setup.ts';
import type { TaskQueue } from '../../ports/task-queue.ts';
import type { TaskImplementation } from '../../tasks/implement-task.ts';
import { type ScriptedProcess, startScriptedProcess } from '../interleavings/scripted-process.ts';

export const second = 1000;
export const minute = 60 * second;
export const day = 24 * 60 * minute;

/** How long a received message stays hidden when its worker dies, in seconds: 6 times the worker's time-out. */
const hiddenFor = 1980;

/** What a cloud is made of. */
export interface CloudPlan {
  /** The tasks as one worker's process runs them. */
  work(process: ScriptedProcess): readonly TaskImplementation[];
  /** Batches at a time. @default 5 */
  readonly workers?: number;
  /** Told of each worker that is about to begin, the first being 1: it may be made to die. */
  onWorker?(process: ScriptedProcess, nth: number): void;
}

/** The whole pipeline in memory, on a clock of its own: workers come for whatever shows up in the queue. */
export interface Cloud {
  readonly world: MemoryPorts;
  /** What workers told, and when. */
  readonly events: readonly { readonly at: number; readonly event: AttemptEvent }[];
  submit(given: Pick<Submission, 'spec' | 'input'> & Partial<Submission>): Promise<string>;
  record(taskId: string): Promise<TaskRecord>;
  /** One run of the reconciler; in a process of its own, which may be made to die. */
  reconcile(process?: ScriptedProcess): Promise<void>;
  /** Time passes, with the reconciler at each full minute unless it is told otherwise. */
  live(ms: number, onMinute?: (nth: number) => Promise<void>): Promise<void>;
  process(): ScriptedProcess;
}

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Opens a cloud in which nothing has happened yet. */
export function openCloud({ work, workers = 5, onWorker }: CloudPlan): Cloud {
  const world = createMemoryPorts();
  const { clock, queue } = world;
  const events: { at: number; event: AttemptEvent }[] = [];
  const looks = new Set<number>();
  let busy = 0;
  let started = 0;

  function poll(): void {
    if (busy === workers) return;
    const deliveries = queue.receive('default', { visibilitySeconds: hiddenFor });
    if (deliveries.length === 0) return;
    busy++;
    pollIn(hiddenFor);
    void run(deliveries).finally(() => {
      busy--;
      poll();
    });
    poll();
  }

  function pollIn(seconds: number): void {
    const at = clock.now() + seconds * second;
    if (looks.has(at)) return;
    looks.add(at);
    clock.after(seconds * second, () => {
      looks.delete(at);
      poll();
    });
  }

  async function run(deliveries: readonly MemoryDelivery[]): Promise<void> {
    const process = start();
    onWorker?.(process, ++started);
    const setup = {
      implementations: new Map(work(process).map((task) => [task.spec.name, task])),
      deadline: clock.now() + 320 * second,
      logFor: () => silent,
      observe: (event: AttemptEvent) => void events.push({ at: clock.now(), event }),
    };
    const handled = executeBatch(process.ports, setup, deliveries).then(({ kept, stillRunning }) => {
      for (const [index, delivery] of deliveries.entries()) if (!kept[index]) queue.remove(delivery);
      if (stillRunning) process.die();
    });
    await Promise.race([handled, process.death]);
  }

  /** Tells the workers when a message will show up. */
  const watched: TaskQueue = {
    ...queue,
    async send(name, message, options) {
      await queue.send(name, message, options);
      pollIn(options.delaySeconds);
    },
    async putBack(delivery, seconds) {
      await queue.putBack(delivery, seconds);
      pollIn(seconds);
    },
  };

  const ports = { ...world, queue: watched };
  const start = () => startScriptedProcess(ports);

  async function runReconciler(process = start()): Promise<void> {
    const run = reconcile(process.ports, { deadline: clock.now() + 50 * second });
    await Promise.race([run, process.death]);
  }

  return {
    ...{ world, events, process: start, reconcile: runReconciler },
    async submit(given) {
      return (await submit(ports, { tenant: 'acme', ...given })).record.taskId;
    },
    async record(taskId) {
      const record = await world.store.read(taskId);
      if (record === null) throw new Error(`no record of ${taskId}`);
      return record;
    },
    async live(ms, onMinute = () => runReconciler()) {
      const end = clock.now() + ms;
      for (let nth = 1; clock.now() < end; nth++) {
        const next = clock.now() - (clock.now() % minute) + minute;
        await clock.advance(Math.min(next, end) - clock.now());
        if (clock.now() === next) await onMinute(nth);
      }
    },
  };
}
