import { parentPort, workerData } from 'node:worker_threads';
import { runSeeds } from '#shared/simulation/run-seeds.ts';
import { everySabotage } from '#shared/simulation/sabotage/every-sabotage.ts';

/** A row of seeds to be run. */
export interface SeedRow {
  readonly first: number;
  readonly count: number;
}

const sabotage = everySabotage.find(({ name }) => name === workerData) ?? null;

parentPort?.on('message', ({ first, count }: SeedRow) => {
  runSeeds(first, count, sabotage).then(
    ({ failed }) => parentPort?.postMessage(failed),
    // An error event of the thread, as any other fault of its own.
    (error: unknown) =>
      queueMicrotask(() => {
        throw error;
      }),
  );
});
