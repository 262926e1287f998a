import type { Clock } from '../ports/clock.ts';

/** Calls `run` every `ms` milliseconds until stopped; the next wait begins when the call before has ended. */
export function repeat(clock: Clock, ms: number, run: () => Promise<void>): () => void {
  let stopped = false;
  let cancel = clock.after(ms, tick);

  function tick(): void {
    run().then(next, next);
  }

  function next(): void {
    if (!stopped) cancel = clock.after(ms, tick);
  }

  return () => {
    stopped = true;
    cancel();
  };
}
