import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { type ControlPointReport, validateControlPoints } from './conversion/control-points.ts';
import type { ControlPoint } from './conversion/georeference.ts';
import { findTreeItem } from './read-tree-item.ts';
import { validateControlPointsRoute } from './routes.ts';
import type { TreeItem } from './tree-item.ts';
import type { TreeItemStore } from './tree-item-store.ts';

/** See {@link validateControlPointsRoute}. */
export function checkControlPoints(items: TreeItemStore): RouteHandler {
  return implementRoute(validateControlPointsRoute, async ({ params, body, caller }) => {
    const item = await findTreeItem(items, caller.tenant, params.item_id);
    const { transform, residuals, warnings, ...rest } = reportOn(item, body.control_points);
    return {
      body: {
        ...rest,
        transform: transform && [...transform],
        residuals: [...residuals],
        warnings: [...warnings],
      },
    };
  });
}

/** What control points amount to for an item, whose pixels are known once it was probed or converted. */
export function reportOn(item: TreeItem, points: readonly ControlPoint[]): ControlPointReport {
  return validateControlPoints(points, item.probe ?? item.rasters.converted ?? undefined);
}
