import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { Problem } from '#functions/runtime/problem.ts';
import { viewLocation } from './location.ts';
import type { LocationStore } from './location-store.ts';
import { readLocationRoute } from './routes.ts';

/** See {@link readLocationRoute}; another tenant's location is as unknown as none. */
export function readLocation(locations: LocationStore): RouteHandler {
  return implementRoute(readLocationRoute, async ({ params, caller }) => {
    const found = await locations.read(caller.tenant, params.location_id);
    if (found === null) throw noSuchLocation(params.location_id);
    return { body: viewLocation(found, null) };
  });
}

/** The 404 of a location that the caller does not have. */
export function noSuchLocation(id: string): Problem {
  return new Problem('not-found', `there is no location ${id}`);
}
