import type { TaskRecord } from '../lifecycle/task-record.ts';
import {
  implement,
  type TaskContext,
  type TaskImplementation,
  type TaskLog,
} from '../tasks/implement-task.ts';
import { PermanentError, RetryAfter } from '../tasks/task-errors.ts';
import { bindHooks } from './hooks.ts';
import type { Observe } from './observation.ts';
import type { SimProcess } from './process.ts';
import {
  failsTask,
  filling,
  guardedTask,
  hangsTask,
  hostTask,
  largeTask,
  longTask,
  okTask,
  permanentTask,
  poisonTask,
  progressTask,
  rateTask,
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
  const hooks = bindHooks(process, observe);
  const think = () => sleep(choices.between(1, 3000));

  function die(why: string): Promise<never> {
    process.crash(why);
    return new Promise<never>(() => undefined);
  }

  async function takeStep(
    ctx: TaskContext,
    name: string,
    large: boolean,
    { atMostOnce = false, longest = 3000 } = {},
  ): Promise<void> {
    const { record } = ctx.log as AttemptLog;
    const step = { name, atMostOnce };
    await ctx.step(
      name,
      async () => {
        observe({ kind: 'effect', process, record, step });
        await sleep(choices.between(1, longest));
        return large ? { by, filling } : { by };
      },
      { atMostOnce },
    );
    observe({ kind: 'step-returned', record, step });
  }

  const implementations = [
    implement(
      okTask,
      async () => {
        await sleep(choices.between(1, 500));
        return { by };
      },
      hooks,
    ),
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
        await takeStep(ctx, name, large, { atMostOnce: atMostOnce && name === 'charge' });
        if (failAfter === index && ctx.attempt <= failures) throw new Error('a step in between failed');
        if (index > 0 || stallMs === 0) continue;
        process.stall(stallMs);
        await sleep(0);
      }
      return { by };
    }),
    implement(
      failsTask,
      async ({ times }, ctx) => {
        await think();
        if (ctx.attempt <= times) throw new Error(`attempt ${ctx.attempt} fails`);
        return { by };
      },
      hooks,
    ),
    implement(permanentTask, () => Promise.reject(new PermanentError('it will never work')), hooks),
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
    implement(
      poisonTask,
      async () => {
        await think();
        return die('poisoned by its task');
      },
      hooks,
    ),
    implement(largeTask, async () => {
      await think();
      return { by, filling };
    }),
    implement(uniqueTask, async () => {
      await sleep(choices.between(1, 20_000));
      return { by };
    }),
    implement(longTask, async ({ steps, diesAfter }, ctx) => {
      for (let step = 1; step <= steps; step++) {
        await takeStep(ctx, `part-${step}`, false, { longest: 12_000 });
        if (step === diesAfter) await die('dies between two parts');
      }
      return { by };
    }),
    implement(
      rateTask,
      async ({ fails }, ctx) => {
        await think();
        if (fails && ctx.attempt === 1) throw new RetryAfter(choices.between(0, 10), 'once more');
        return { by };
      },
      hooks,
    ),
    implement(hostTask, async ({ fails }, ctx) => {
      await sleep(choices.between(1, 15_000));
      if (fails && ctx.attempt === 1) throw new RetryAfter(0, 'once more');
      return { by };
    }),
    implement(guardedTask, async () => {
      await sleep(choices.between(1, 8000));
      return { by };
    }),
  ];
  const known = implementations.filter(
    ({ spec }) => version !== 'without-steps-task' || spec.name !== stepsTask.name,
  );
  return new Map(known.map((implementation) => [implementation.spec.name, implementation]));
}
