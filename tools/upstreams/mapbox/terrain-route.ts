import { jsonReply, type UpstreamReply, type UpstreamRoute } from '../upstream-route.ts';
import { tokenRefusal } from './mapbox-replies.ts';
import { renderTerrainTile } from './render-terrain-tile.ts';

const TILES_KEPT = 32;
const DEEPEST_ZOOM = 15;

/** `GET /v4/mapbox.terrain-rgb/{zoom}/{x}/{y}.pngraw`. Source: docs.mapbox.com/api/maps/raster-tiles. */
export function terrainRoute(token: string): UpstreamRoute {
  const kept = new Map<string, Buffer>();
  return {
    method: 'GET',
    path: '/v4/mapbox.terrain-rgb/*',
    handle: (request) => tokenRefusal(request, token) ?? tile(request.path, kept),
  };
}

function tile(path: string, kept: Map<string, Buffer>): UpstreamReply {
  const [, zoom, x, y] = path.match(/\/(\d{1,2})\/(\d{1,9})\/(\d{1,9})\.pngraw$/)?.map(Number) ?? [];
  if (zoom === undefined || x === undefined || y === undefined)
    return jsonReply(404, { message: 'Not Found' });
  if (zoom > DEEPEST_ZOOM || Math.max(x, y) >= 2 ** zoom)
    return jsonReply(404, { message: 'Tile not found' });
  const png = kept.get(path) ?? renderTerrainTile(zoom, x, y);
  keep(kept, path, png);
  return { status: 200, headers: { 'content-type': 'image/png' }, body: png };
}

/** A Map keeps the order of insertion: put back last, the first is the one unused for longest. */
function keep(kept: Map<string, Buffer>, path: string, png: Buffer): void {
  kept.delete(path);
  kept.set(path, png);
  const [oldest] = kept.keys();
  if (kept.size > TILES_KEPT && oldest !== undefined) kept.delete(oldest);
}
