import type { TaskContext, TaskLog } from '#shared/tasks/implement-task.ts';
import { holds, type MakingClaim, requireHeld, withMaking } from './claim-making.ts';
import type { CogResult } from './conversion/raster-jobs.ts';
import { mostConflicts, type RasterTaskPorts, requireItem, tooManyConflicts } from './raster-task.ts';
import { type RasterFile, resultKey, type TreeItem } from './tree-item.ts';

/**
 * Stores a raster that was made and gives it to its item, if the attempt still has the item; the one that the item showed
 * before is removed. From then on it is the item's: neither an abort nor a failure takes it back. Unless it comes to
 * that, nothing is left of it.
 *
 * Throws TreeItemNotFound, MakingSuperseded, MakingOvertaken, what DynamoDB and S3 throw, and something when the signal
 * aborts.
 */
export async function keepRaster(
  ports: RasterTaskPorts,
  claim: MakingClaim,
  { file, unchanged: _, ...facts }: CogResult,
  { signal, progress, log }: Pick<TaskContext, 'signal' | 'progress' | 'log'>,
): Promise<RasterFile> {
  const { item, kind, resultId } = claim;
  const raster: RasterFile = { ...facts, id: resultId, key: resultKey(item, kind, resultId) };
  try {
    await ports.files.store(raster.key, file, signal);
    progress(80, 'Updating database');
    await commit(ports, claim, raster, signal);
  } catch (error) {
    if ((await withdraw(ports, claim, raster, log)) !== 'is shown') throw error;
  }
  await removeReplaced(ports, claim, log);
  return raster;
}

async function commit(
  { items, clock }: RasterTaskPorts,
  claim: MakingClaim,
  raster: RasterFile,
  signal: AbortSignal,
): Promise<void> {
  const { tenant, itemId, kind } = claim;
  for (let conflicts = 0; conflicts < mostConflicts; conflicts++) {
    const item = await requireItem({ items }, tenant, itemId);
    requireHeld(item, claim);
    signal.throwIfAborted();
    const rasters = { ...item.rasters, [kind]: raster };
    const next = { ...item, rasters, updatedAt: clock.now(), revision: item.revision + 1 };
    if (await items.save(next)) return;
  }
  throw tooManyConflicts(claim.item);
}

/**
 * Removes what the attempt has stored, once nothing can give it to the item any more: not even a save that is still under
 * way. What fails in it is logged, and left to the next attempt or the item's end.
 */
async function withdraw(
  { items, files, clock }: RasterTaskPorts,
  claim: MakingClaim,
  { key }: RasterFile,
  log: TaskLog,
): Promise<'is shown' | 'withdrawn' | 'left'> {
  try {
    for (let conflicts = 0; conflicts < mostConflicts; conflicts++) {
      const item = await items.read(claim.tenant, claim.itemId);
      if (item !== null && shows(item, claim)) return 'is shown';
      const isOver = item === null || !holds(item, claim);
      if (isOver || (await items.save(withMaking(item, claim, null, clock.now()).item))) {
        await files.remove([key]);
        return 'withdrawn';
      }
    }
    throw tooManyConflicts(claim.item);
  } catch (error) {
    log.warn('a result that nobody wants is left', { key, error });
    return 'left';
  }
}

function shows({ rasters }: TreeItem, { kind, resultId }: MakingClaim): boolean {
  return rasters[kind]?.id === resultId;
}

async function removeReplaced(
  { files }: RasterTaskPorts,
  { item, kind }: MakingClaim,
  log: TaskLog,
): Promise<void> {
  // What the item showed when the attempt took it: nothing changes that without taking the item from the attempt.
  const replaced = item.rasters[kind];
  if (replaced === null) return;
  try {
    await files.remove([replaced.key]);
  } catch (error) {
    log.warn('a replaced raster is left', { key: replaced.key, error });
  }
}
