import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { Problem } from '#functions/runtime/problem.ts';
import { readTreeItemRoute } from './routes.ts';
import type { TreeItem } from './tree-item.ts';
import type { TreeItemStore } from './tree-item-store.ts';
import { viewTreeItem } from './tree-item-views.ts';

/** See {@link readTreeItemRoute}. */
export function readTreeItem(items: TreeItemStore): RouteHandler {
  return implementRoute(readTreeItemRoute, async ({ params, caller }) => ({
    body: viewTreeItem(await findTreeItem(items, caller.tenant, params.item_id)),
  }));
}

/** The tenant's item. Throws a Problem (404) when there is none; another tenant's is as unknown as none. */
export async function findTreeItem(items: TreeItemStore, tenant: string, id: string): Promise<TreeItem> {
  const found = await items.read(tenant, id);
  if (found === null) throw noSuchTreeItem(id);
  return found;
}

/** The 404 of an item that the caller does not have. */
export function noSuchTreeItem(id: string): Problem {
  return new Problem('not-found', `there is no tree item ${id}`);
}

/** An item whose file was uploaded and checked. */
export type UploadedTreeItem = TreeItem & { readonly original: NonNullable<TreeItem['original']> };

/** Throws a Problem (409) unless the item's file was uploaded and checked. */
export function mustBeUploaded(item: TreeItem): asserts item is UploadedTreeItem {
  if (item.original !== null) return;
  const fix = `upload the file, then POST /api/v1/tree-items/${item.id}/uploaded`;
  throw new Problem('conflict', `the file of tree item ${item.id} is not uploaded yet: ${fix}`);
}
