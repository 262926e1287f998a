import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { Problem } from '#functions/runtime/problem.ts';
import { convertRoute } from './routes.ts';
import { convertToGeoRaster } from './specs.ts';
import { submitMaking } from './submit-making.ts';
import { geoRasterOf, type TreeItem } from './tree-item.ts';
import type { TreeItemPorts } from './tree-item-ports.ts';

/** See {@link convertRoute}. */
export function startConversion(ports: Pick<TreeItemPorts, 'items' | 'submit' | 'pipeline'>): RouteHandler {
  return implementRoute(convertRoute, async ({ params, ...scene }) => {
    const itemId = params.item_id;
    const { taskId } = await submitMaking(
      ports,
      {
        ...{ itemId, kind: 'converted', spec: convertToGeoRaster, input: { tree_item_id: itemId } },
        checkItem: mustHaveNoRaster,
      },
      scene,
    );
    return {
      headers: { location: `/api/v1/tasks/${taskId}` },
      body: { task_id: taskId, status: 'STARTED', message: 'Geo-raster conversion started in background' },
    };
  });
}

function mustHaveNoRaster(item: TreeItem): void {
  if (geoRasterOf(item) === null) return;
  throw new Problem('already-converted', 'File is already converted to geo raster');
}
