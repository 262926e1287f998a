import { PermanentError } from '#shared/tasks/task-errors.ts';
import type { TreeItem } from './tree-item.ts';
import type { FileTransfer } from './tree-item-files.ts';
import type { TreeItemStore } from './tree-item-store.ts';

/** What the tasks that work on rasters need. */
export interface RasterTaskPorts {
  readonly items: TreeItemStore;
  readonly files: FileTransfer;
  /** The path of the bundle of raster-thread.ts. */
  readonly thread: string;
  /** Names a result; no two are the same. */
  newId(): string;
  readonly clock: { now(): number };
}

/** The item is not there, or was deleted meanwhile: no retry will find it. */
export class TreeItemNotFound extends PermanentError {
  override name = 'TreeItemNotFound';
}

/** The item's file was never uploaded and checked. */
export class OriginalNotUploaded extends PermanentError {
  override name = 'OriginalNotUploaded';
}

/** The item's file is not the one that was checked. */
export class OriginalLost extends PermanentError {
  override name = 'OriginalLost';
}

/** The item does not wait for this task any more: another took its place, or it was reset. */
export class MakingSuperseded extends PermanentError {
  override name = 'MakingSuperseded';
}

/** Another attempt of the same task has the item; this one may find out later what came of it. */
export class MakingOvertaken extends Error {
  override name = 'MakingOvertaken';
}

/** Times that a change is tried which others' changes come before. */
export const mostConflicts = 5;

/** Reads an item. Throws TreeItemNotFound. */
export async function requireItem(
  { items }: Pick<RasterTaskPorts, 'items'>,
  tenant: string,
  id: string,
): Promise<TreeItem> {
  const item = await items.read(tenant, id);
  if (item === null) throw new TreeItemNotFound(`there is no tree item ${id}`);
  return item;
}

/** What is thrown when each of {@link mostConflicts} tries met another's change; worth another attempt. */
export function tooManyConflicts({ id }: Pick<TreeItem, 'id'>): Error {
  return new Error(`tree item ${id} was changed by others at each of ${mostConflicts} tries to save it`);
}
