import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { listPage } from '#functions/runtime/paging.ts';
import { viewLocation } from './location.ts';
import type { LocationStore } from './location-store.ts';
import { listLocationsRoute } from './routes.ts';

/** See {@link listLocationsRoute}. */
export function listLocations(locations: LocationStore): RouteHandler {
  return implementRoute(listLocationsRoute, async ({ query, caller }) => {
    const page = await listPage(() => locations.list({ ...query, tenant: caller.tenant }));
    return {
      body: { items: page.items.map((item) => viewLocation(item, null)), next_cursor: page.nextCursor },
    };
  });
}
