import { timings } from '../lifecycle/timings.ts';
import type { Progress } from '../lifecycle/transitions.ts';
import type { Clock } from '../ports/clock.ts';

/** Writes the newest progress of an attempt, at most once a second; what lies between two writes is passed over. */
export interface ProgressReporter {
  report(percent: number, status: string): void;
  /** Stops writing and returns the progress that no write has carried yet, for the outcome to carry. */
  close(): Progress | null;
}

/** Starts a reporter; `write` must not throw: what it meets is its own to log. */
export function startProgressReporter(clock: Clock, write: (progress: Progress) => void): ProgressReporter {
  let waiting: Progress | null = null;
  let lastWrite = Number.NEGATIVE_INFINITY;
  let cancelTimer: (() => void) | null = null;

  function flush(): void {
    cancelTimer = null;
    if (waiting === null) return;
    const progress = waiting;
    waiting = null;
    lastWrite = clock.now();
    write(progress);
  }

  return {
    report(percent, status) {
      if (!(percent >= 0 && percent <= 100)) {
        throw new RangeError(`progress must lie between 0 and 100, not ${percent}`);
      }
      waiting = { percent, status };
      if (cancelTimer !== null) return;
      const wait = lastWrite + timings.progressEvery - clock.now();
      if (wait <= 0) flush();
      else cancelTimer = clock.after(wait, flush);
    },
    close() {
      cancelTimer?.();
      cancelTimer = null;
      const unsent = waiting;
      waiting = null;
      return unsent;
    },
  };
}
