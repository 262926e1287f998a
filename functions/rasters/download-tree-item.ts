import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { Problem } from '#functions/runtime/problem.ts';
import { findTreeItem, mustBeUploaded } from './read-tree-item.ts';
import { downloadRoute } from './routes.ts';
import { geoRasterOf, originalKey, type TreeItem } from './tree-item.ts';
import type { TreeItemPorts } from './tree-item-ports.ts';

/** See {@link downloadRoute}. */
export function downloadTreeItem({ items, files }: Pick<TreeItemPorts, 'items' | 'files'>): RouteHandler {
  return implementRoute(downloadRoute, async ({ params, query, caller }) => {
    const item = await findTreeItem(items, caller.tenant, params.item_id);
    const [key, name] = query.file === 'original' ? originalOf(item) : geoRasterFileOf(item);
    const { url, expiresAt } = await files.downloadUrl(key, name);
    return { body: { url, expires_at: new Date(expiresAt).toISOString() } };
  });
}

function originalOf(item: TreeItem): readonly [key: string, name: string] {
  mustBeUploaded(item);
  return [originalKey(item), item.name];
}

function geoRasterFileOf(item: TreeItem): readonly [key: string, name: string] {
  const raster = geoRasterOf(item);
  if (raster === null) {
    const fix = `POST /api/v1/tree-items/${item.id}/convert-to-geo-raster makes one`;
    throw new Problem('not-found', `tree item ${item.id} has no geo-raster yet: ${fix}`);
  }
  return [raster.key, `${item.name.replace(/(?<=.)\.[^.]*$/, '')}.tif`];
}
