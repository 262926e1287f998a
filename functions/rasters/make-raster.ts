import type * as z from 'zod';
import type { TaskContext } from '#shared/tasks/implement-task.ts';
import { claimMaking, type MakingClaim } from './claim-making.ts';
import { type CogResult, largestRaster } from './conversion/raster-jobs.ts';
import type { RasterRun } from './conversion/run-raster-job.ts';
import { type FetchedOriginal, withOriginal } from './fetch-original.ts';
import { keepRaster } from './keep-raster.ts';
import type { RasterTaskPorts } from './raster-task.ts';
import type { geoRasterResult } from './specs.ts';
import type { RasterFile, RasterKind, TreeItem } from './tree-item.ts';

/** Where a raster's original is, where the result goes, and the most bytes it may have when decoded. */
export interface RasterFiles extends FetchedOriginal {
  readonly maxBytes: number;
}

/** A raster to be made: of which item, of which kind, and by which job of the thread. */
export interface RasterMaking {
  readonly itemId: string;
  readonly kind: RasterKind;
  run(files: RasterFiles, item: TreeItem, run: RasterRun): Promise<CogResult>;
}

/**
 * Makes a raster of an item's original and gives it to the item: what the tasks that do so have in common. When an
 * earlier attempt of the task has done that already, its result is answered.
 *
 * Throws what `claimMaking`, `withOriginal`, the job and `keepRaster` throw.
 */
export async function makeRaster(
  ports: RasterTaskPorts,
  making: RasterMaking,
  context: TaskContext,
): Promise<z.input<typeof geoRasterResult>> {
  const { itemId, kind } = making;
  const { taskId, tenant, progress } = context;
  progress(0, 'Starting conversion');
  const claimed = await claimMaking(ports, { itemId, kind, taskId, tenant });
  const raster = 'made' in claimed ? claimed.made : await make(ports, making, claimed.claim, context);
  progress(100, 'Conversion complete');
  return resultOf(itemId, raster);
}

async function make(
  ports: RasterTaskPorts,
  { run }: RasterMaking,
  claim: MakingClaim,
  context: TaskContext,
): Promise<RasterFile> {
  const { signal, progress } = context;
  const { files, thread } = ports;
  return withOriginal(files, claim.item, signal, async (original) => {
    const job = { ...original, maxBytes: largestRaster };
    return keepRaster(ports, claim, await run(job, claim.item, { thread, signal, progress }), context);
  });
}

function resultOf(itemId: string, raster: RasterFile): z.input<typeof geoRasterResult> {
  const { id, key: _, dtype: __, ...facts } = raster;
  return { tree_item_id: itemId, geo_raster_file_id: id, object_type: 'geo_raster_file', ...facts };
}
