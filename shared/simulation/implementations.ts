import type { TaskRecord } from '../lifecycle/task-record.ts';
import {
  implement,
  type TaskContext,
  type TaskImplementation,
  type TaskLog,
} from '../tasks/implement-task.ts';
import { PermanentError, RetryAfter } from '../tasks/task-errors.ts';
import type { Observe } from './observation.ts';
import type { SimProcess } from './process.ts';
import {
  failsTask,
  filling,
  hangsTask,
  largeTask,
  okTask,
  permanentTask,
  poisonTask,
  progressTask,
  retryAfterTask,
  stepsTask,
  uniqueTask,
} from './tasks.ts';

/** Which code a worker runs: what it knows changes with a deploy. */
export type CodeVersion = 'usual' | 'without-steps-task' | 'other-step-order';

/** The record of the attempt that a log belongs to: how the tasks here learn their claim. */
export type AttemptLog = TaskLog & { readonly record: TaskRecord };

/** The work of all simulated tasks as one process runs it, by name. */
export function bindTasks(
  process: SimProcess,
  version: CodeVersion,
  observe: Observe,
): ReadonlyMap<string, TaskImplementation> {
  const { clock, choices, id: by } = process;
  const sleep = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));
  const think = () => sleep(choices.between(1, 3000));

  async function takeStep(ctx: TaskContext, name: string, large: boolean, atMostOnce = false): Promise<void> {
    const { record } = ctx.log as AttemptLog;
    const step = { name, atMostOnce };
    await ctx.step(
      name,
      async () => {
        observe({ kind: 'effect', process, record, step });
        await think();
        return large ? { by, filling } : { by };
      },
      { atMostOnce },
    );
    observe({ kind: 'step-returned', record, step });
  }

  const implementations = [
    implement(okTask, async () => {
      await sleep(choices.between(1, 500));
      return { by };
    }),
    implement(progressTask, async (_, ctx) => {
      for (let percent = 20; percent <= 100; percent += 20) {
        await think();
        ctx.progress(percent, `${percent} of 100`);
      }
      return { by };
    }),
    implement(stepsTask, async ({ sideBySide, atMostOnce, failAfter, failures, stallMs, large }, ctx) => {
      const names =
        version === 'other-step-order' ? ['reserve', 'charge', 'mail'] : ['charge', 'reserve', 'mail'];
      if (sideBySide) {
        await Promise.all(names.map((name) => takeStep(ctx, name, large)));
        return { by };
      }
      for (const [index, name] of names.entries()) {
        await takeStep(ctx, name, large, atMostOnce && name === 'charge');
        if (failAfter === index && ctx.attempt <= failures) throw new Error('a step in between failed');
        if (index > 0 || stallMs === 0) continue;
        process.stall(stallMs);
        await sleep(0);
      }
      return { by };
    }),
    implement(failsTask, async ({ times }, ctx) => {
      await think();
      if (ctx.attempt <= times) throw new Error(`attempt ${ctx.attempt} fails`);
      return { by };
    }),
    implement(permanentTask, () => Promise.reject(new PermanentError('it will never work'))),
    implement(retryAfterTask, async ({ seconds }, ctx) => {
      if (ctx.attempt === 1) throw new RetryAfter(seconds, 'busy');
      return { by };
    }),
    implement(hangsTask, async ({ deaf }, ctx) => {
      if (deaf) {
        await sleep(200_000);
        await takeStep(ctx, 'too-late', false);
      }
      await new Promise((_, reject) => {
        const stop = () => reject(ctx.signal.reason);
        if (ctx.signal.aborted) stop();
        ctx.signal.addEventListener('abort', stop, { once: true });
      });
      return { by };
    }),
    implement(poisonTask, async () => {
      await think();
      process.crash('poisoned by its task');
      return new Promise<never>(() => undefined);
    }),
    implement(largeTask, async () => {
      await think();
      return { by, filling };
    }),
    implement(uniqueTask, async () => {
      await sleep(choices.between(1, 20_000));
      return { by };
    }),
  ];
  const known = implementations.filter(
    ({ spec }) => version !== 'without-steps-task' || spec.name !== stepsTask.name,
  );
  return new Map(known.map((implementation) => [implementation.spec.name, implementation]));
}
