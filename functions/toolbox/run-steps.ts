import { setTimeout as pause } from 'node:timers/promises';
import { implement, type TaskImplementation } from '#shared/tasks/implement-task.ts';
import type { EffectCounter } from './effect-counter.ts';
import { runSteps } from './specs.ts';

/** Thrown on purpose by an attempt that was asked to fail. */
export class HalfWay extends Error {
  override name = 'HalfWay';
}

const readsAtOnce = 25;

/** See {@link runSteps}. Every step's effect is counted; a step that was recorded is not counted again. */
export function countSteps(counter: EffectCounter): TaskImplementation {
  return implement(runSteps, async ({ steps, seconds, fail_first }, context) => {
    const { taskId, attempt, signal } = context;
    const recorded: { key: string; count: number }[] = [];
    const failsAfter = attempt <= fail_first ? Math.ceil(steps / 2) : steps;
    for (let n = 1; n <= failsAfter; n++) {
      signal.throwIfAborted();
      const step = await context.step(`step-${n}`, async (key) => {
        const count = await counter.count(taskId, key);
        if (seconds > 0)
          await pause(seconds * 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
        return { key, count };
      });
      recorded.push(step);
      context.progress((n / steps) * 100, `Ran step ${n} of ${steps}`);
    }
    if (attempt <= fail_first) throw new HalfWay(`attempt ${attempt} fails after ${failsAfter} steps`);

    const effects: number[] = [];
    for (let at = 0; at < recorded.length; at += readsAtOnce) {
      const some = recorded.slice(at, at + readsAtOnce);
      effects.push(...(await Promise.all(some.map(({ key }) => counter.read(taskId, key)))));
    }
    return {
      steps,
      effects: effects.reduce((sum, count) => sum + count, 0),
      repeated: recorded.filter(({ count }, index) => (effects[index] ?? 0) > count).length,
    };
  });
}
