import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '#shared/ports/clock.ts';
import { implement, type TaskImplementation } from '#shared/tasks/implement-task.ts';
import { type EffectCount, type EffectCounter, isRepeated } from './effect-counter.ts';
import { runSteps } from './specs.ts';

/** Thrown on purpose by an attempt that was asked to fail. */
export class HalfWay extends Error {
  override name = 'HalfWay';
}

const readsAtOnce = 25;

/** Milliseconds between two looks at the clock in a pause: one that is moved ends the pause, which a timer would not see. */
const lookEvery = 50;

/** See {@link runSteps}. Every step's effect is counted; a step that was recorded is not counted again. */
export function countSteps(counter: EffectCounter, clock: Pick<Clock, 'now'>): TaskImplementation {
  async function pauseFor(seconds: number, signal: AbortSignal): Promise<void> {
    const end = clock.now() + seconds * 1000;
    for (let left = end - clock.now(); left > 0; left = end - clock.now()) {
      await pause(Math.min(left, lookEvery), undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  return implement(runSteps, async ({ steps, seconds, fail_first }, context) => {
    const { taskId, attempt, signal } = context;
    const keys: string[] = [];
    const failsAfter = attempt <= fail_first ? Math.ceil(steps / 2) : steps;
    for (let n = 1; n <= failsAfter; n++) {
      signal.throwIfAborted();
      const { key, count } = await context.step(`step-${n}`, async (stepKey) => {
        // Edited arguments run all steps anew: their effects are counted apart.
        const key = `${steps}.${seconds}.${fail_first}#${stepKey}`;
        const count = await counter.count(taskId, key);
        await pauseFor(seconds, signal);
        return { key, count };
      });
      await counter.noteRecorded(taskId, key, count);
      keys.push(key);
      context.progress((n / steps) * 100, `Ran step ${n} of ${steps}`);
    }
    if (attempt <= fail_first) throw new HalfWay(`attempt ${attempt} fails after ${failsAfter} steps`);

    const counts: EffectCount[] = [];
    for (let at = 0; at < keys.length; at += readsAtOnce) {
      const some = keys.slice(at, at + readsAtOnce);
      counts.push(...(await Promise.all(some.map((key) => counter.read(taskId, key)))));
    }
    return {
      steps,
      effects: counts.reduce((sum, { effects }) => sum + effects, 0),
      repeated: counts.filter(isRepeated).length,
    };
  });
}
