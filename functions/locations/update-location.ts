import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { Problem } from '#functions/runtime/problem.ts';
import type { SubmissionScene } from '#functions/runtime/submit-task.ts';
import { AlongsideRefused } from '#shared/ports/alongside-write.ts';
import { type ChangedLocation, changeLocation } from './change-location.ts';
import { viewLocation } from './location.ts';
import { noSuchLocation } from './read-location.ts';
import { updateLocationRoute } from './routes.ts';
import { type LocationPorts, submitEnrichment } from './submit-enrichment.ts';

const mostConflicts = 5;

/** See {@link updateLocationRoute}. Changed by others meanwhile, the location is read again and the change decided anew. */
export function updateLocation(ports: LocationPorts): RouteHandler {
  return implementRoute(updateLocationRoute, async ({ params, body, caller, ...scene }) => {
    const { location_id } = params;
    for (let conflicts = 0; conflicts < mostConflicts; conflicts++) {
      const current = await ports.locations.read(caller.tenant, location_id);
      if (current === null) throw noSuchLocation(location_id);
      const changed = changeLocation(current, body, ports.clock.now());
      if (changed === null) return { body: viewLocation(current, null) };
      const view = await saveChange(ports, changed, scene);
      if (view !== null) return { body: view };
    }
    throw new Problem('conflict', `location ${location_id} is being changed by others: try again`, {
      headers: { 'retry-after': '1' },
    });
  });
}

/** Saves a change, with its enrichment where it needs one; null when others have changed the location first. */
async function saveChange(
  ports: LocationPorts,
  { next, needsEnrichment }: ChangedLocation,
  scene: SubmissionScene,
) {
  const { locations } = ports;
  if (!needsEnrichment) return (await locations.save(next)) ? viewLocation(next, null) : null;
  try {
    return await submitEnrichment(ports, next, locations.replacement(next), scene);
  } catch (error) {
    if (error instanceof AlongsideRefused) return null;
    throw error;
  }
}
