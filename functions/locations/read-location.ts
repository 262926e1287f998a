import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { Problem } from '#functions/runtime/problem.ts';
import { viewLocation } from './location.ts';
import type { LocationStore } from './location-store.ts';
import { readLocationRoute } from './routes.ts';

/** See {@link readLocationRoute}; another tenant's location is as unknown as none. */
export function readLocation(locations: LocationStore): RouteHandler {
  return implementRoute(readLocationRoute, async ({ params, caller }) => {
    const found = await locations.read(params.location_id);
    if (found === null || found.tenant !== caller.tenant) {
      throw new Problem('not-found', `there is no location ${params.location_id}`);
    }
    return { body: viewLocation(found, null) };
  });
}
