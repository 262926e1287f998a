import { implement, type TaskContext, type TaskImplementation } from '#shared/tasks/implement-task.ts';
import type { RasterProbe } from './conversion/raster-jobs.ts';
import { probe } from './conversion/run-raster-job.ts';
import { requireOriginal, withOriginal } from './fetch-original.ts';
import {
  mostConflicts,
  OriginalLost,
  type RasterTaskPorts,
  requireItem,
  tooManyConflicts,
} from './raster-task.ts';
import { probeRasterFile } from './specs.ts';
import type { TreeItem } from './tree-item.ts';

/** See {@link probeRasterFile}. What the header tells is kept in the item, and answered from there the next time. */
export function probeItem(ports: RasterTaskPorts): TaskImplementation {
  return implement(probeRasterFile, async ({ tree_item_id }, context) => {
    const { tenant, progress } = context;
    progress(0, 'Starting to look');
    const item = await requireItem(ports, tenant, tree_item_id);
    const told = item.probe ?? (await keepProbe(ports, item, await look(ports, item, context)));
    progress(100, 'Header read');
    return told;
  });
}

async function look(
  { files, thread }: RasterTaskPorts,
  item: TreeItem,
  { signal, progress }: TaskContext,
): Promise<RasterProbe> {
  return withOriginal(files, item, signal, (original) => probe(original, { thread, signal, progress }));
}

async function keepProbe(ports: RasterTaskPorts, read: TreeItem, told: RasterProbe): Promise<RasterProbe> {
  const { etag } = requireOriginal(read);
  for (let conflicts = 0; conflicts < mostConflicts; conflicts++) {
    const item = await requireItem(ports, read.tenant, read.id);
    if (requireOriginal(item).etag !== etag) {
      throw new OriginalLost(`the file of tree item ${item.id} was replaced while it was looked at`);
    }
    const next = { ...item, probe: told, updatedAt: ports.clock.now(), revision: item.revision + 1 };
    if (await ports.items.save(next)) return told;
  }
  throw tooManyConflicts(read);
}
