import type { Activity } from './activity.ts';
import { pause } from './pause.ts';

/** What must come to rest. */
export interface Settling {
  activities: readonly Activity[];
  /** Messages that a mapping would receive now. */
  countVisible: () => Promise<number>;
}

/**
 * Between two looks: longer than the 20 ms at which the emulator notices that a message became visible, and
 * than a received message needs to arrive here.
 */
const BETWEEN_LOOKS_MS = 50;

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Resolves with true when nothing is in flight and no message waits, in two looks between which nothing
 * began; with false when `signal` aborts first.
 */
export async function settle({ activities, countVisible }: Settling, signal: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  const givenUp = pause(LONGEST_TIMER_MS, AbortSignal.any([signal, over.signal]));
  const begun = () => activities.reduce((sum, activity) => sum + activity.begun, 0);
  const isQuiet = async () => {
    const nothingRuns = () => activities.every((activity) => activity.inFlight === 0);
    return nothingRuns() && (await countVisible()) === 0 && nothingRuns();
  };
  try {
    while (!signal.aborted) {
      await Promise.race([Promise.all(activities.map((activity) => activity.onIdle())), givenUp]);
      const before = begun();
      const wasQuiet = await isQuiet();
      await pause(BETWEEN_LOOKS_MS, signal);
      if (wasQuiet && (await isQuiet()) && begun() === before) return true;
    }
    return false;
  } finally {
    over.abort();
  }
}
