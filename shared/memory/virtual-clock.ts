import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../ports/clock.ts';

/** A clock that stands still until it is told to move. */
export interface VirtualClock extends Clock {
  /**
   * Moves the time by `ms`, and on the way runs every timer that falls due: earliest first, those of one instant in the
   * order in which they were set, timers set meanwhile included. `now()` is each timer's own time while it runs. Before
   * the first timer, after each one and at the end, one turn of the event loop passes, in which every chain of promises
   * that waits for nothing but promises runs to its end; real input and output is not waited for. Rejects with what a
   * timer throws, the time being that timer's. Throws when called while another call is under way.
   */
  advance(ms: number): Promise<void>;
  /** When the next timer is due; null when none is set. */
  nextTimer(): number | null;
}

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** Creates a clock that stands at `start`, in milliseconds since the epoch. */
export function createVirtualClock(start: number): VirtualClock {
  // A set keeps the order of insertion, which breaks ties.
  const timers = new Set<Timer>();
  let time = start;
  let moving = false;

  const earliest = (): Timer | null => {
    let found: Timer | null = null;
    for (const timer of timers) if (found === null || timer.at < found.at) found = timer;
    return found;
  };

  const runUntil = async (target: number): Promise<void> => {
    await setImmediate();
    for (let timer = earliest(); timer !== null && timer.at <= target; timer = earliest()) {
      timers.delete(timer);
      time = timer.at;
      timer.run();
      await setImmediate();
    }
    time = target;
    await setImmediate();
  };

  return {
    now: () => time,
    after(ms, run) {
      const timer = { at: time + Math.max(0, ms), run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      if (!(ms >= 0)) throw new RangeError(`the virtual clock only moves forward, not by ${ms} ms`);
      if (moving) throw new Error('the virtual clock is being moved already: await the first advance()');
      moving = true;
      try {
        await runUntil(time + ms);
      } finally {
        moving = false;
      }
    },
    nextTimer: () => earliest()?.at ?? null,
  };
}
