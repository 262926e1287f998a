import { expect, onTestFinished } from 'vitest';
import * as z from 'zod';
import { fixed } from '../../lifecycle/backoff.ts';
import type { TaskMessage } from '../../lifecycle/task-message.ts';
import type { TaskRecord } from '../../lifecycle/task-record.ts';
import { createMemoryPorts, type MemoryPorts } from '../../memory/memory-ports.ts';
import type { MemoryDelivery } from '../../memory/memory-task-queue.ts';
import { executeBatch } from '../../pipeline/execute-batch.ts';
import { type ReconcileReport, reconcile } from '../../pipeline/reconcile.ts';
import { type Submission, submit } from '../../pipeline/submit.ts';
import type { AttemptEvent } from '../../pipeline/worker-setup.ts';
import { defineTask } from '../../tasks/define-task.ts';
import { implement, type TaskContext } from '../../tasks/implement-task.ts';
import { type ScriptedProcess, startScriptedProcess } from './scripted-process.ts';

export const second = 1000;
export const minute = 60 * second;
/** How soon a task whose worker died must run again. */
export const lostWorkerBound = 3 * minute;
/** How long a received message stays hidden when its worker dies, in milliseconds: 6 times the worker's time-out. */
export const hiddenFor = 1980 * second;

/** A task that does what a test says; up to 3 attempts, a minute apart. */
export const sceneTask = defineTask({
  name: 'scene',
  description: 'Does what a test says.',
  input: z.strictObject({ name: z.string().default('') }),
  output: z.unknown(),
  retry: { max: 2, delay: fixed(60) },
  timeLimit: { soft: 250, hard: 280 },
});

/** One run of a task's work: when it began and in which process. */
export interface Run {
  readonly taskId: string;
  readonly at: number;
  readonly name: string;
  readonly context: TaskContext;
  readonly process: ScriptedProcess;
}

/** What a run does. */
export type Work = (run: Run) => unknown;

/** A worker: an invocation's process, and the messages that it is given. */
export interface SceneWorker extends ScriptedProcess {
  /** Handles what is visible in the queue, or these messages. Resolves when all is recorded, or the worker has died. */
  poll(deliveries?: readonly MemoryDelivery[]): Promise<void>;
}

/** A world in memory, in which a test lets processes meet as it likes. */
export interface Scene {
  readonly world: MemoryPorts;
  /** Every run of every task's work, in order. */
  readonly runs: readonly Run[];
  /** Why messages were refused, in order. */
  readonly refusals: readonly string[];
  /** The other things that workers told, in order. */
  readonly events: readonly AttemptEvent['kind'][];
  process(): ScriptedProcess;
  worker(): SceneWorker;
  submit(given?: Partial<Submission>): Promise<string>;
  record(taskId: string): Promise<TaskRecord>;
  /** The states that a task went through, with the epoch of each. */
  history(taskId: string): Promise<string>;
  /** The dead letters, oldest first. */
  letters(): TaskMessage[];
  /** Takes the visible messages and hides them, as a worker that dies at once does. */
  take(): MemoryDelivery[];
  /** One run of the reconciler, at once. */
  reconcile(by?: ScriptedProcess): Promise<ReconcileReport>;
  /** Time passes, and nobody does anything new. */
  wait(ms: number): Promise<void>;
  /** Time passes with the reconciler at each full minute, and new workers for whatever shows up in the queue. */
  live(ms: number): Promise<void>;
  /** Lives on until this holds; the time that it took. Fails when that is longer than `within`. */
  liveUntil(holds: () => Promise<boolean> | boolean, within: number): Promise<number>;
}

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Sets the scene: runs do, in order, what `works` say; the last of them is done again by every further run. */
export function setScene(...works: readonly Work[]): Scene {
  const world = createMemoryPorts();
  const { clock, queue } = world;
  const runs: Run[] = [];
  const events: AttemptEvent[] = [];
  const processes: ScriptedProcess[] = [];

  function startProcess(): ScriptedProcess {
    const process = startScriptedProcess(world);
    processes.push(process);
    return process;
  }

  function startWorker(): SceneWorker {
    const process = startProcess();
    const implementation = implement(sceneTask, async ({ name }, context) => {
      const run = { taskId: context.taskId, at: clock.now(), name, context, process };
      runs.push(run);
      return works[Math.min(runs.length, works.length) - 1]?.(run);
    });
    async function handle(deliveries: readonly MemoryDelivery[]): Promise<void> {
      const setup = {
        implementations: new Map([[sceneTask.name, implementation]]),
        deadline: clock.now() + 320 * second,
        logFor: () => silent,
        observe: (event: AttemptEvent) => void events.push(event),
      };
      const { kept, stillRunning } = await executeBatch(process.ports, setup, deliveries);
      for (const [index, delivery] of deliveries.entries()) if (!kept[index]) queue.remove(delivery);
      if (stillRunning) process.die();
    }
    return {
      ...process,
      poll: (deliveries = take()) => Promise.race([handle(deliveries), process.death]),
    };
  }

  function take(): MemoryDelivery[] {
    return queue.receive('default', { visibilitySeconds: hiddenFor / 1000 });
  }

  async function record(taskId: string): Promise<TaskRecord> {
    const found = await world.store.read(taskId);
    if (found === null) throw new Error(`no record of ${taskId}`);
    return found;
  }

  async function runReconciler(by = startProcess()): Promise<ReconcileReport> {
    return reconcile(by.ports, { deadline: clock.now() + 50 * second });
  }

  async function tick(): Promise<void> {
    await clock.advance(second - (clock.now() % second));
    if (clock.now() % minute === 0) await runReconciler();
    const deliveries = take();
    if (deliveries.length > 0) void startWorker().poll(deliveries);
    await clock.advance(0);
  }

  onTestFinished(() => {
    expect(
      processes.flatMap((process) => process.untold()),
      'parts of the story that never happened',
    ).toEqual([]);
  });

  return {
    ...{ world, runs, take, record, process: startProcess, worker: startWorker, reconcile: runReconciler },
    get refusals() {
      return events.flatMap((event) => (event.kind === 'refused' ? [event.reason] : []));
    },
    get events() {
      return events.map(({ kind }) => kind);
    },
    async submit(given) {
      const accepted = await submit(world, { spec: sceneTask, input: {}, tenant: 'acme', ...given });
      return accepted.record.taskId;
    },
    async history(taskId) {
      const { timeline } = await record(taskId);
      return timeline.map(({ state, epoch }) => (epoch === 1 ? state : `${state}/${epoch}`)).join(' ');
    },
    letters: () => queue.deadLetters('default').map(({ body }) => JSON.parse(body)),
    wait: (ms) => clock.advance(ms),
    async live(ms) {
      for (const end = clock.now() + ms; clock.now() < end; ) await tick();
    },
    async liveUntil(holds, within) {
      const start = clock.now();
      while (!(await holds())) {
        const waited = clock.now() - start;
        expect(waited, 'milliseconds waited for what has not come about').toBeLessThanOrEqual(within);
        await tick();
      }
      return clock.now() - start;
    },
  };
}
