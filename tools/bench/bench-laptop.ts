import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Laptop, type LaptopOptions, runLaptop } from '#tools/cli/run-laptop.ts';

/** Runs `measure` on a laptop cloud of its own, which is gone afterwards. */
export async function onFreshLaptop<Figures>(
  options: Partial<LaptopOptions>,
  measure: (laptop: Laptop) => Promise<Figures>,
): Promise<Figures> {
  await using started = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'celeriac-bench-'));
  started.defer(() => rm(dataDir, { recursive: true, force: true }));
  const laptop = await runLaptop({
    ...{ dataDir, port: 0, fresh: true, mapbox: null, log: () => undefined },
    ...options,
  });
  started.defer(() => laptop.stop());
  return await measure(laptop);
}
