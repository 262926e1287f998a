import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import type { LocationStore } from './location-store.ts';
import { noSuchLocation } from './read-location.ts';
import { deleteLocationRoute } from './routes.ts';

/** See {@link deleteLocationRoute}. An enrichment on its way finds the location gone and writes nothing. */
export function deleteLocation(locations: LocationStore): RouteHandler {
  return implementRoute(deleteLocationRoute, async ({ params, caller }) => {
    const removed = await locations.remove(caller.tenant, params.location_id);
    if (!removed) throw noSuchLocation(params.location_id);
    return { body: undefined };
  });
}
