import * as z from 'zod';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import { createMemoryPorts, type MemoryPorts } from '../memory/memory-ports.ts';
import { createMemoryWorker, type MemoryWorker } from '../memory/memory-worker.ts';
import { defineTask, type TaskDefinition } from '../tasks/define-task.ts';
import { implement, type TaskContext, type TaskHooks } from '../tasks/implement-task.ts';
import { type ReconcileReport, reconcile } from './reconcile.ts';
import { type Submission, submit } from './submit.ts';

/** What the tasks of a scene are told: who they are, and what they have in common with others. */
export interface SceneInput {
  readonly name: string;
  readonly host?: string | undefined;
}

/** How the task of a scene differs from the usual one, and what it does. */
export interface SceneTask {
  readonly definition?: Partial<TaskDefinition<SceneInput, unknown>>;
  readonly hooks?: TaskHooks<unknown>;
  /** The time that a worker's invocations have. */
  readonly runMs?: number;
  work(input: SceneInput, context: TaskContext): Promise<unknown>;
}

/** A world in which one kind of task is run. */
export interface TaskScene {
  readonly ports: MemoryPorts;
  readonly worker: MemoryWorker;
  /** Another worker, over these ports or its own. */
  newWorker(ports?: MemoryPorts): MemoryWorker;
  /** Submits a task; resolves with its id. */
  submit(input?: Partial<SceneInput>, changes?: Partial<Submission>): Promise<string>;
  record(taskId: string): Promise<TaskRecord>;
  /** Sends another message for the first epoch of a task. */
  nudge(taskId: string): Promise<void>;
  reconcile(): Promise<ReconcileReport>;
  /** Waits within a task's work. */
  wait(ms: number): Promise<void>;
  /** Moves the time on, second by second, until this has ended. */
  until<Value>(ending: Promise<Value>): Promise<Value>;
  /** Lets the worker poll, and moves the time on until all that it received has ended. */
  poll(): Promise<number>;
}

/** Sets the scene. */
export function setTaskScene(task: SceneTask): TaskScene {
  const ports = createMemoryPorts();
  const { definition = {}, hooks = {}, runMs = 320_000 } = task;
  const spec = defineTask<SceneInput, unknown>({
    name: 'scene',
    description: 'Does what a test gives it to do.',
    input: z.strictObject({ name: z.string(), host: z.string().optional() }),
    output: z.unknown(),
    ...definition,
  });
  const implementation = implement(spec, task.work, hooks);
  const newWorker = (own = ports) => createMemoryWorker(own, [implementation], { runMs });
  const worker = newWorker();
  const until: TaskScene['until'] = async (ending) => {
    let ended = false;
    const end = () => {
      ended = true;
    };
    ending.then(end, end);
    await ports.clock.advance(0);
    for (let seconds = 0; !ended; seconds++) {
      if (seconds > 10_000) throw new Error('this does not end');
      await ports.clock.advance(1000);
    }
    return ending;
  };
  return {
    ports,
    worker,
    newWorker,
    async submit(input = {}, changes = {}) {
      const submission = { spec, input: { name: 'one', ...input }, tenant: 'acme', ...changes };
      return (await submit(ports, submission)).record.taskId;
    },
    async record(taskId) {
      const record = await ports.store.read(taskId);
      if (record === null) throw new Error(`no record of ${taskId}`);
      return record;
    },
    nudge: (taskId) =>
      ports.queue.send('default', { v: 1, taskId, epoch: 1 }, { delaySeconds: 0, group: 'acme' }),
    reconcile: () => reconcile(ports, { deadline: Number.POSITIVE_INFINITY }),
    wait: (ms) => new Promise((resolve) => void ports.clock.after(ms, resolve)),
    until,
    poll: () => until(worker.poll()),
  };
}
