import * as z from 'zod';
import { fixed } from '../lifecycle/backoff.ts';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import { timings } from '../lifecycle/timings.ts';
import { createMemoryPorts, type MemoryPorts } from '../memory/memory-ports.ts';
import { createMemoryWorker, type MemoryWorker } from '../memory/memory-worker.ts';
import { createVirtualClock } from '../memory/virtual-clock.ts';
import { defineTask } from '../tasks/define-task.ts';
import { implement, type TaskContext } from '../tasks/implement-task.ts';
import { submit } from './submit.ts';

/** A task for tests of steps: what its attempts do is the test's to say. */
export const steppedTask = defineTask({
  name: 'stepped',
  description: 'Runs the steps that a test gives it.',
  input: z.strictObject({}),
  output: z.unknown(),
  retry: { max: 3, delay: fixed(60) },
});

/** What one attempt does. */
export type Work = (context: TaskContext) => Promise<unknown>;

/** One submitted task and its worker. */
export interface SteppedScene {
  readonly ports: MemoryPorts;
  readonly worker: MemoryWorker;
  readonly taskId: string;
  /** The contexts of the attempts, in order. */
  readonly contexts: readonly TaskContext[];
  record(): Promise<TaskRecord>;
  /** Runs the next attempt, a minute later, and tells what became of it. */
  nextAttempt(): Promise<TaskRecord>;
  /** Lets a worker take the task and die when its work hangs; returns when its lease has run out. */
  crash(): Promise<void>;
}

/** Submits a task whose attempts do, in order, what `works` say; the last of them is done again by every further one. */
export async function setSteppedScene(...works: readonly Work[]): Promise<SteppedScene> {
  const ports = createMemoryPorts();
  const contexts: TaskContext[] = [];
  const implementation = implement(steppedTask, async (_, context) => {
    contexts.push(context);
    return works[Math.min(contexts.length, works.length) - 1]?.(context);
  });
  const worker = createMemoryWorker(ports, [implementation]);
  const { record } = await submit(ports, { spec: steppedTask, input: {}, tenant: 'acme' });
  const { taskId } = record;

  async function read(): Promise<TaskRecord> {
    const stored = await ports.store.read(taskId);
    if (stored === null) throw new Error(`no record of ${taskId}`);
    return stored;
  }

  return {
    ports,
    worker,
    taskId,
    contexts,
    record: read,
    async nextAttempt() {
      await ports.clock.advance(60_000);
      await worker.poll();
      return read();
    },
    async crash() {
      // A clock of its own, which stands still: a dead worker renews nothing.
      const dying = { ...ports, clock: createVirtualClock(ports.clock.now()) };
      void createMemoryWorker(dying, [implementation]).poll();
      await ports.clock.advance(timings.lease);
      await ports.queue.send('default', { v: 1, taskId, epoch: 1 }, { delaySeconds: 0, group: 'acme' });
    },
  };
}

/** An effect that adds the key it was given to `keys` and returns `value`. */
export function noting<Value>(keys: string[], value: Value): (key: string) => Promise<Value> {
  return async (key) => {
    keys.push(key);
    return value;
  };
}

/** An effect or work that fails, and may be tried again. */
export function failing(): Promise<never> {
  return Promise.reject(new Error('the upstream is down'));
}
