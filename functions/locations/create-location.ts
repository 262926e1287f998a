import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import type { Location } from './location.ts';
import { createLocationRoute } from './routes.ts';
import { type LocationPorts, submitEnrichment } from './submit-enrichment.ts';

/** See {@link createLocationRoute}. */
export function createLocation(ports: LocationPorts): RouteHandler {
  return implementRoute(createLocationRoute, async ({ body, caller, ...scene }) => {
    const now = ports.clock.now();
    const created: Location = {
      ...body,
      id: ports.newId(),
      tenant: caller.tenant,
      elevationSource: body.elevation === null ? null : 'given',
      address: null,
      createdAt: now,
      updatedAt: now,
      revision: 1,
    };
    return {
      headers: { location: `/api/v1/locations/${created.id}` },
      body: await submitEnrichment(ports, created, ports.locations.creation(created), scene),
    };
  });
}
