import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { listPage } from '#functions/runtime/paging.ts';
import { listTreeItemsRoute } from './routes.ts';
import type { TreeItemStore } from './tree-item-store.ts';
import { viewTreeItem } from './tree-item-views.ts';

/** See {@link listTreeItemsRoute}. */
export function listTreeItems(items: TreeItemStore): RouteHandler {
  return implementRoute(listTreeItemsRoute, async ({ query, caller }) => {
    const page = await listPage(() => items.list({ ...query, tenant: caller.tenant }));
    return { body: { items: page.items.map(viewTreeItem), next_cursor: page.nextCursor } };
  });
}
