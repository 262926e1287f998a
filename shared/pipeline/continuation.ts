import { AsyncLocalStorage } from 'node:async_hooks';
import { timings } from '../lifecycle/timings.ts';
import type { Clock } from '../ports/clock.ts';
import type { TimeLimit } from '../tasks/define-task.ts';
import { ContinuedLater } from './attempt-errors.ts';

/** Decides at each step of a long task whether it still belongs into this invocation. */
export interface Continuation {
  /**
   * Does the work of a step, or throws ContinuedLater when too little time is left for it: after the steps that run by
   * its side have ended, and in all further steps too.
   */
  run<Value>(work: () => Promise<Value>): Promise<Value>;
  /** Whether the attempt is to go on in a fresh invocation, whatever its work makes of ContinuedLater. */
  isRequested(): boolean;
}

/** The steps that run beside the code that asks, and of which it is a part. */
const within = new AsyncLocalStorage<ReadonlySet<Promise<unknown>>>();

/**
 * Opens the watch over an attempt's part in one invocation, which ends at its soft limit or at `deadline` (ms since the
 * epoch). A task without a total limit never goes on elsewhere. At least one step is done in each invocation, so that a
 * long task always comes further. `onRequested` is told once no step runs any more.
 */
export function openContinuation(
  clock: Clock,
  limit: TimeLimit,
  deadline: number,
  onRequested: (reason: ContinuedLater) => void,
): Continuation {
  const begin = clock.now();
  const end = Math.min(begin + limit.soft * 1000, deadline);
  const running = new Set<Promise<unknown>>();
  let leaving: Promise<ContinuedLater> | null = null;
  let done = 0;
  let longest = 0;

  function mustGoOnLater(): boolean {
    if (limit.total === undefined || done === 0) return false;
    // Steps of one task tend to be alike; a margin covers one that is not.
    const wanted = Math.max(timings.stepReserve, longest * 1.5);
    return end - clock.now() < Math.min(wanted, (end - begin) / 2);
  }

  async function leave(): Promise<ContinuedLater> {
    const reason = new ContinuedLater('little time is left: the task goes on in a fresh invocation');
    await Promise.allSettled([...running]);
    onRequested(reason);
    return reason;
  }

  return {
    async run(work) {
      // A step within a step belongs to it: were it to wait for the running ones, it would wait for itself.
      if (within.getStore() === running) return work();
      if (leaving === null && mustGoOnLater()) leaving = leave();
      // Each refusal waits: one of several that run side by side would else end the work while a step still runs.
      if (leaving !== null) throw await leaving;
      const from = clock.now();
      const step = within.run(running, work);
      running.add(step);
      try {
        const value = await step;
        done++;
        return value;
      } finally {
        longest = Math.max(longest, clock.now() - from);
        running.delete(step);
      }
    },
    isRequested: () => leaving !== null,
  };
}
