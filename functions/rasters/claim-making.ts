import { requireOriginal } from './fetch-original.ts';
import {
  MakingOvertaken,
  MakingSuperseded,
  mostConflicts,
  type RasterTaskPorts,
  requireItem,
  tooManyConflicts,
} from './raster-task.ts';
import { type RasterFile, type RasterKind, resultPrefix, type TreeItem } from './tree-item.ts';

/** Which task makes which raster of which item. */
export interface MakingOf {
  readonly tenant: string;
  readonly itemId: string;
  readonly taskId: string;
  readonly kind: RasterKind;
}

/** An attempt's right to give the item its raster, until another draws a newer `resultId` or the item is reset. */
export interface MakingClaim extends MakingOf {
  readonly resultId: string;
  /** As it was when the right was taken. */
  readonly item: TreeItem;
}

/** An attempt either has the item now, or finds that an earlier one of its task has already given it its raster. */
export type ClaimedMaking = { readonly claim: MakingClaim } | { readonly made: RasterFile };

/**
 * Takes the item for an attempt, from all earlier attempts of its task, and removes the results that those have left.
 *
 * Throws TreeItemNotFound, OriginalNotUploaded, MakingSuperseded when the item waits for another task or none, an
 * ordinary error after 5 tries that each met a change, and what DynamoDB and S3 throw.
 */
export async function claimMaking(
  { items, files, newId, clock }: RasterTaskPorts,
  of: MakingOf,
): Promise<ClaimedMaking> {
  const { tenant, itemId, kind } = of;
  for (let conflicts = 0; conflicts < mostConflicts; conflicts++) {
    const item = await requireItem({ items }, tenant, itemId);
    requireTask(item, of);
    const shown = item.rasters[kind];
    if (shown !== null && shown.id === item.makings[kind]?.resultId) return { made: shown };
    requireOriginal(item);
    // Listed before the item is taken: what an attempt uploads that comes later is none of ours to remove.
    const left = (await files.list(resultPrefix(item, kind))).filter((key) => key !== shown?.key);
    const next = withMaking(item, of, newId(), clock.now());
    if (!(await items.save(next.item))) continue;
    // Nobody can give the item one of these any more.
    if (left.length > 0) await files.remove(left);
    return { claim: { ...of, ...next } };
  }
  throw tooManyConflicts({ id: itemId });
}

/** The item with another right to its raster, to be saved; a null ends every right there was. */
export function withMaking<ResultId extends string | null>(
  item: TreeItem,
  { taskId, kind }: Pick<MakingOf, 'taskId' | 'kind'>,
  resultId: ResultId,
  now: number,
): { readonly item: TreeItem; readonly resultId: ResultId } {
  const makings = { ...item.makings, [kind]: { taskId, resultId } };
  return { item: { ...item, makings, updatedAt: now, revision: item.revision + 1 }, resultId };
}

/** Whether the item's right to its raster is this one. */
export function holds({ makings }: TreeItem, { kind, resultId }: MakingClaim): boolean {
  return makings[kind]?.resultId === resultId;
}

/** Throws what is to be told to an attempt that does not hold the item any more. */
export function requireHeld(item: TreeItem, claim: MakingClaim): void {
  requireTask(item, claim);
  if (holds(item, claim)) return;
  throw new MakingOvertaken(`another attempt of this task has taken tree item ${item.id}`);
}

function requireTask({ id, makings }: TreeItem, { taskId, kind }: MakingOf): void {
  const waitsFor = makings[kind]?.taskId;
  if (waitsFor === taskId) return;
  throw new MakingSuperseded(
    waitsFor === undefined
      ? `tree item ${id} waits for no such task: ${asking[kind]}`
      : `tree item ${id} waits for task ${waitsFor} instead of this one`,
  );
}

const asking: Readonly<Record<RasterKind, string>> = {
  converted: `ask for its conversion by its own route`,
  georeferenced: `its georeferencing was reset, or never asked for by its own route`,
};
