import { Problem } from '#functions/runtime/problem.ts';
import { mostConflicts } from './raster-task.ts';
import { findTreeItem } from './read-tree-item.ts';
import type { TreeItem } from './tree-item.ts';
import type { TreeItemStore } from './tree-item-store.ts';

/**
 * Reads an item and has a change of it decided and saved. `change` resolves with null when others have changed the item
 * first: then the item is read again and the change decided anew. Throws a Problem: 404 when there is no such item, 409
 * when others always are first.
 */
export async function changeTreeItem<Changed extends object>(
  items: TreeItemStore,
  { tenant, id }: { readonly tenant: string; readonly id: string },
  change: (current: TreeItem) => Promise<Changed | null>,
): Promise<Changed> {
  for (let conflicts = 0; conflicts < mostConflicts; conflicts++) {
    const changed = await change(await findTreeItem(items, tenant, id));
    if (changed !== null) return changed;
  }
  throw new Problem('conflict', `tree item ${id} is being changed by others: try again`, {
    headers: { 'retry-after': '1' },
  });
}
