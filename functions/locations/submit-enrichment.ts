import type { SubmissionScene, SubmitTask } from '#functions/runtime/submit-task.ts';
import type { AlongsideWrite } from '#shared/ports/alongside-write.ts';
import type { Clock } from '#shared/ports/clock.ts';
import { type Location, viewLocation } from './location.ts';
import type { LocationStore } from './location-store.ts';
import { enrichLocationData } from './specs.ts';

/** What the routes that write locations work with. */
export interface LocationPorts {
  readonly locations: LocationStore;
  readonly submit: SubmitTask;
  readonly clock: Pick<Clock, 'now'>;
  /** A new unique id (UUIDv7): its order is the order of the listing. */
  newId(): string;
}

/**
 * Commits a location's write together with the task that enriches it, both or neither, and resolves with the location's
 * view, enriched when the task has ended already. Throws AlongsideRefused when the location was changed or removed
 * meanwhile, and what `submit` throws.
 */
export async function submitEnrichment(
  { submit, locations }: LocationPorts,
  written: Location,
  write: AlongsideWrite,
  scene: SubmissionScene,
) {
  const { id, tenant } = written;
  const input = { location_id: id };
  const { record, finished } = await submit(
    { spec: enrichLocationData, input, tenant, alongside: [write] },
    scene,
  );
  const now = finished ? await locations.read(tenant, id) : null;
  return viewLocation(now ?? written, record.taskId);
}
