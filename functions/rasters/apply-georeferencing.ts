import { implement, type TaskImplementation } from '#shared/tasks/implement-task.ts';
import { warp } from './conversion/run-raster-job.ts';
import { makeRaster } from './make-raster.ts';
import type { RasterTaskPorts } from './raster-task.ts';
import { applyGeoreferencing } from './specs.ts';

/** See {@link applyGeoreferencing}. The item must name the task as the one that fits it to control points. */
export function georeferenceItem(ports: RasterTaskPorts): TaskImplementation {
  return implement(applyGeoreferencing, async ({ tree_item_id: itemId, ...points }, context) =>
    makeRaster(
      ports,
      { itemId, kind: 'georeferenced', run: (plan, _, run) => warp({ ...plan, ...points }, run) },
      context,
    ),
  );
}
