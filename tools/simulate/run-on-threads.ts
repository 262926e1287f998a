import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { SeedRow } from './simulate-worker.ts';

/** Seeds that a thread runs at a time: so few that the threads end together, so many that handing them out costs nothing. */
const rowLength = 20;

/**
 * Runs `count` seeds from `first` on, spread over all cores. The lowest seed that breaks a rule, whichever thread came
 * upon one first, or null. `sabotage` is a name. Throws what a thread throws.
 */
export async function runOnThreads(
  first: number,
  count: number,
  sabotage: string | null,
): Promise<number | null> {
  const failures: number[] = [];
  let next = first;

  function takeRow(): SeedRow | null {
    // Rows are handed out in order: those before a failing one are all under way, those after it do not matter.
    if (next >= first + count || failures.length > 0) return null;
    const row = { first: next, count: Math.min(rowLength, first + count - next) };
    next += row.count;
    return row;
  }

  async function runThread(): Promise<void> {
    const worker = new Worker(new URL('./simulate-worker.ts', import.meta.url), { workerData: sabotage });
    try {
      for (let row = takeRow(); row !== null; row = takeRow()) {
        worker.postMessage(row);
        const [failed]: (number | null)[] = await once(worker, 'message');
        if (typeof failed === 'number') failures.push(failed);
      }
    } finally {
      await worker.terminate();
    }
  }

  const threads = Math.min(availableParallelism(), Math.ceil(count / rowLength));
  await Promise.all(Array.from({ length: threads }, runThread));
  return failures.length === 0 ? null : Math.min(...failures);
}
