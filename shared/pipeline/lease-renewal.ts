import { timings } from '../lifecycle/timings.ts';
import type { Clock } from '../ports/clock.ts';

/** Calls `renew` every 15 seconds until stopped; the next wait begins when the renewal before has ended. */
export function startLeaseRenewal(clock: Clock, renew: () => Promise<void>): () => void {
  let stopped = false;
  let cancel = clock.after(timings.renewEvery, tick);

  function tick(): void {
    renew().then(next, next);
  }

  function next(): void {
    if (!stopped) cancel = clock.after(timings.renewEvery, tick);
  }

  return () => {
    stopped = true;
    cancel();
  };
}
