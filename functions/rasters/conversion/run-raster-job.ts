import { mkdtemp, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type * as z from 'zod';
import { runInThread } from '../../runtime/run-in-thread.ts';
import type { ThreadProgress } from '../../runtime/thread-entry.ts';
import {
  type CogResult,
  cogResult,
  type RasterJob,
  type RasterProbe,
  rasterJob,
  rasterProbe,
} from './raster-jobs.ts';
import { tellDiskFull } from './raster-refused.ts';

type Job<Kind extends RasterJob['kind']> = Omit<Extract<RasterJob, { kind: Kind }>, 'kind'>;

/** How a job runs: `thread` is the bundle of raster-thread.ts, `signal` and `progress` are the task's. */
export interface RasterRun {
  readonly thread: string;
  readonly signal: AbortSignal;
  /** @default nobody is told */
  readonly progress?: ThreadProgress;
}

/** Tells what a file's header tells, of any size. Throws RasterRefused for what cannot be opened, DiskFull, and the signal's reason. */
export async function probe(job: Job<'probe'>, run: RasterRun): Promise<RasterProbe> {
  return inScratch(job.folder, (folder) => start(run, { ...job, folder, kind: 'probe' }, rasterProbe));
}

/**
 * Makes a Cloud-Optimized GeoTIFF of any single image, in the folder given and with nothing beside it. Throws RasterRefused
 * for what cannot be converted, in GDAL's words, DiskFull, and the signal's reason; the folder is then as it was.
 */
export async function convert(job: Job<'convert'>, run: RasterRun): Promise<CogResult> {
  return inScratch(job.folder, async (folder) =>
    keep(await start(run, { ...job, folder, kind: 'convert' }, cogResult), job.folder),
  );
}

/**
 * Fits an image to control points, as `validateControlPoints` does, and warps it to EPSG:3857 with transparent edges.
 * Writes and throws as {@link convert} does.
 */
export async function warp(job: Job<'warp'>, run: RasterRun): Promise<CogResult> {
  return inScratch(job.folder, async (folder) =>
    keep(await start(run, { ...job, folder, kind: 'warp' }, cogResult), job.folder),
  );
}

async function start<Output>(
  { thread, signal, progress }: RasterRun,
  input: RasterJob,
  output: z.ZodType<Output>,
): Promise<Output> {
  const spec = { input: rasterJob, output };
  try {
    return await runInThread({ file: thread, spec, input, signal, ...(progress && { progress }) });
  } catch (error) {
    // A cancel or a time limit is neither.
    signal.throwIfAborted();
    const { bavail, bsize } = await statfs(input.folder);
    throw tellDiskFull(error, bavail * bsize);
  }
}

/** A folder inside for what GDAL leaves when it is stopped or fails. */
async function inScratch<Result>(
  folder: string,
  work: (scratch: string) => Promise<Result>,
): Promise<Result> {
  const scratch = await mkdtemp(join(folder, 'raster-'));
  try {
    return await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  }
}

async function keep(result: CogResult, folder: string): Promise<CogResult> {
  const file = join(folder, 'geo-raster.tif');
  await rename(result.file, file);
  return { ...result, file };
}
