/** Runs work in one of a few slots. */
export type RunInSlot = <Value>(signal: AbortSignal, work: () => Promise<Value>) => Promise<Value>;

/**
 * At most `most` pieces of work at a time inside this process; the others wait in line, first come, first served. Waiting
 * ends with the signal's reason as soon as it is aborted; work that has begun is left to hear the signal itself.
 */
export function createSlots(most: number): RunInSlot {
  const line: (() => void)[] = [];
  let free = most;

  async function take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (free > 0) {
      free--;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = () => {
      const place = line.indexOf(resolve);
      // Not in line any more: it was given a slot in this very turn, and keeps it.
      if (place < 0) return;
      line.splice(place, 1);
      reject(signal.reason);
    };
    line.push(resolve);
    signal.addEventListener('abort', leave, { once: true });
    await promise.finally(() => signal.removeEventListener('abort', leave));
  }

  function give(): void {
    const next = line.shift();
    if (next) next();
    else free++;
  }

  return async (signal, work) => {
    await take(signal);
    try {
      return await work();
    } finally {
      give();
    }
  };
}
