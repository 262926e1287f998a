/**
 * The laptop cloud's clock: real time plus an offset that lives in shared memory, so that function threads
 * and the queue emulator see it move at the same instant. All times are milliseconds since the epoch.
 */
export interface LaptopClock {
  /** Eight bytes of shared memory holding the offset; hand it to `installShiftedDate` in a thread. */
  readonly buffer: SharedArrayBuffer;
  now(): number;
  offset(): number;
  /**
   * Moves the clock forward.
   * @param ms milliseconds, at least 0
   * @throws RangeError for a negative or non-finite step: stored times would lie in the future
   */
  advance(ms: number): void;
  /** Calls `listener` after each advance; returns the function that unsubscribes it. */
  onAdvance(listener: () => void): () => void;
}

/** Creates a clock; `offset` continues one that was moved in an earlier run on the same kept data. */
export function createLaptopClock(options: { offset?: number } = {}): LaptopClock {
  const buffer = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  const cell = new BigInt64Array(buffer);
  const listeners = new Set<() => void>();
  const offset = () => Number(Atomics.load(cell, 0));

  const advance = (ms: number) => {
    if (!Number.isFinite(ms) || ms < 0) {
      throw new RangeError(`The laptop clock moves forward only: cannot advance it by ${ms} ms`);
    }
    Atomics.add(cell, 0, BigInt(Math.round(ms)));
    for (const listener of [...listeners]) listener();
  };
  if (options.offset !== undefined) advance(options.offset);

  return {
    buffer,
    now: () => Date.now() + offset(),
    offset,
    advance,
    onAdvance: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
