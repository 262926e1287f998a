import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { Problem } from '#functions/runtime/problem.ts';
import { findTreeItem, mustBeUploaded } from './read-tree-item.ts';
import { downloadRoute } from './routes.ts';
import { geoRasterOf, originalKey, type TreeItem } from './tree-item.ts';
import { cogMediaType } from './tree-item-files.ts';
import type { TreeItemPorts } from './tree-item-ports.ts';

/** See {@link downloadRoute}. */
export function downloadTreeItem({ items, files }: Pick<TreeItemPorts, 'items' | 'files'>): RouteHandler {
  return implementRoute(downloadRoute, async ({ params, query, caller }) => {
    const item = await findTreeItem(items, caller.tenant, params.item_id);
    const { key, ...as } = query.file === 'original' ? originalOf(item) : geoRasterFileOf(item);
    const { url, expiresAt } = await files.downloadUrl(key, as);
    return { body: { url, expires_at: new Date(expiresAt).toISOString() } };
  });
}

interface Download {
  readonly key: string;
  readonly name: string;
  readonly contentType: string;
}

function originalOf(item: TreeItem): Download {
  mustBeUploaded(item);
  const { name, contentType } = item;
  return { key: originalKey(item), name, contentType };
}

function geoRasterFileOf(item: TreeItem): Download {
  const raster = geoRasterOf(item);
  if (raster === null) {
    const fix = `POST /api/v1/tree-items/${item.id}/convert-to-geo-raster makes one`;
    throw new Problem('not-found', `tree item ${item.id} has no geo-raster yet: ${fix}`);
  }
  const name = `${item.name.replace(/(?<=.)\.[^.]*$/, '')}.tif`;
  return { key: raster.key, name, contentType: cogMediaType };
}
