import { implement, type TaskImplementation } from '#shared/tasks/implement-task.ts';
import { convert } from './conversion/run-raster-job.ts';
import { makeRaster } from './make-raster.ts';
import type { RasterTaskPorts } from './raster-task.ts';
import { convertToGeoRaster } from './specs.ts';

/** See {@link convertToGeoRaster}. The item must name the task as the one that converts it. */
export function convertItem(ports: RasterTaskPorts): TaskImplementation {
  return implement(convertToGeoRaster, async ({ tree_item_id: itemId }, context) =>
    makeRaster(
      ports,
      {
        itemId,
        kind: 'converted',
        run: (plan, { georeference }, run) => convert({ ...plan, georeference }, run),
      },
      context,
    ),
  );
}
