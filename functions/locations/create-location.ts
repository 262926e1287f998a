import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { submit } from '#shared/pipeline/submit.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';
import { type Location, viewLocation } from './location.ts';
import type { LocationStore } from './location-store.ts';
import { createLocationRoute } from './routes.ts';
import { enrichLocationData } from './specs.ts';

/**
 * See {@link createLocationRoute}. The location is stored before its task, because a task that finds no location fails
 * for good, whereas a location whose task could not be stored answers an error and can be sent again.
 */
export function createLocation(ports: PipelinePorts, locations: LocationStore): RouteHandler {
  return implementRoute(createLocationRoute, async ({ body, caller, log }) => {
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
    await locations.create(created);
    const input = { location_id: created.id };
    const { record, sendError } = await submit(ports, {
      spec: enrichLocationData,
      input,
      tenant: caller.tenant,
    });
    if (sendError !== null) {
      log.warn('enrichment accepted, its message will be sent later', {
        task_id: record.taskId,
        error: sendError,
      });
    }
    return {
      headers: { location: `/api/v1/locations/${created.id}` },
      body: viewLocation(created, record.taskId),
    };
  });
}
