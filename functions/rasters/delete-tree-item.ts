import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { cancelUnfinished } from './find-unfinished.ts';
import { findTreeItem, noSuchTreeItem } from './read-tree-item.ts';
import { deleteTreeItemRoute } from './routes.ts';
import { applyGeoreferencing, convertToGeoRaster, probeRasterFile } from './specs.ts';
import { originalKey, resultPrefix, type TreeItem } from './tree-item.ts';
import type { FileExchange } from './tree-item-files.ts';
import type { TreeItemPorts } from './tree-item-ports.ts';

const specs = [convertToGeoRaster, applyGeoreferencing, probeRasterFile];

/** See {@link deleteTreeItemRoute}. The item goes last, so that whoever was told of a failure can ask again. */
export function deleteTreeItem({
  items,
  files,
  pipeline,
}: Pick<TreeItemPorts, 'items' | 'files' | 'pipeline'>): RouteHandler {
  return implementRoute(deleteTreeItemRoute, async ({ params, caller }) => {
    const item = await findTreeItem(items, caller.tenant, params.item_id);
    await cancelUnfinished(pipeline, specs, item, caller.name);
    if (item.multipart !== null) await files.abandon(originalKey(item), item.multipart.uploadId);
    await removeFiles(files, item);
    const removed = await items.remove(item.tenant, item.id);
    // A task may have given the item a raster in the meantime; from now on none can.
    await removeFiles(files, item);
    if (!removed) throw noSuchTreeItem(item.id);
    return { body: undefined };
  });
}

async function removeFiles(files: FileExchange, item: TreeItem): Promise<void> {
  await files.remove([originalKey(item), ...(await files.list(resultPrefix(item)))]);
}
