import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { changeTreeItem } from './change-tree-item.ts';
import { cancelUnfinished } from './find-unfinished.ts';
import { resetGeoreferencingRoute } from './routes.ts';
import { applyGeoreferencing } from './specs.ts';
import { resultPrefix, type TreeItem } from './tree-item.ts';
import type { TreeItemPorts } from './tree-item-ports.ts';
import { viewTreeItem } from './tree-item-views.ts';

/** See {@link resetGeoreferencingRoute}. A task that is still at it finds that its result is no longer wanted. */
export function resetGeoreferencing({
  items,
  files,
  pipeline,
}: Pick<TreeItemPorts, 'items' | 'files' | 'pipeline'>): RouteHandler {
  return implementRoute(resetGeoreferencingRoute, async ({ params, caller }) => {
    const whose = { tenant: caller.tenant, id: params.item_id };
    const { item, unwanted } = await changeTreeItem(items, whose, async (current) => {
      await cancelUnfinished(pipeline, [applyGeoreferencing], current, caller.name);
      // Listed before the save: what a task makes that was submitted after it is not to be removed.
      const unwanted = await files.list(resultPrefix(current, 'georeferenced'));
      const { makings, rasters } = current;
      const made = makings.georeferenced ?? rasters.georeferenced;
      if (made === null && unwanted.length === 0) return { item: current, unwanted };
      const next: TreeItem = {
        ...current,
        makings: { ...makings, georeferenced: null },
        rasters: { ...rasters, georeferenced: null },
        updatedAt: pipeline.clock.now(),
        revision: current.revision + 1,
      };
      return (await items.save(next)) ? { item: next, unwanted } : null;
    });
    await files.remove(unwanted);
    return { body: viewTreeItem(item) };
  });
}
