import type * as z from 'zod';
import type { Clock } from '#shared/ports/clock.ts';
import { implement, type TaskImplementation } from '#shared/tasks/implement-task.ts';
import { PermanentError } from '#shared/tasks/task-errors.ts';
import { askMapbox, decisiveFailure, type Findings } from './ask-mapbox.ts';
import type { Location } from './location.ts';
import type { LocationStore } from './location-store.ts';
import type { MapboxClient } from './mapbox-client.ts';
import { enrichLocationData, type enrichmentResult } from './specs.ts';

/** The location to be enriched is not there: no retry will find it. */
export class LocationNotFound extends PermanentError {
  override name = 'LocationNotFound';
}

/** What enriching needs. */
export interface EnrichmentPorts {
  readonly locations: LocationStore;
  readonly mapbox: MapboxClient;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * See {@link enrichLocationData}. What Mapbox answered is kept even when its other answer failed; the failure is then
 * thrown, so that the task is tried again, and the retry asks only for what is still missing.
 */
export function enrichLocation(ports: EnrichmentPorts): TaskImplementation {
  const { locations, mapbox } = ports;
  return implement(enrichLocationData, async ({ location_id }, ctx) => {
    ctx.progress(0, 'Loading location');
    const read = await locations.read(location_id);
    if (read === null || read.tenant !== ctx.tenant) throw notFound(location_id);

    ctx.progress(30, 'Asking Mapbox');
    const findings = await askMapbox(mapbox, read, ctx.signal);
    for (const error of findings.failures) ctx.log.warn('Mapbox did not answer', { location_id, error });

    ctx.progress(90, 'Saving');
    const kept = await keepFindings(ports, read, findings);
    if (hasMoved(kept, read)) {
      return {
        ...resultOf(kept),
        status: 'skipped',
        enriched_fields: [],
        reason: 'the location was moved meanwhile',
      };
    }
    if (findings.failures.length > 0) throw decisiveFailure(findings.failures);
    return resultOf(kept);
  });
}

const mostConflicts = 5;

/**
 * Saves the findings onto the location as it was read. Changed meanwhile, it is read again: a location with another
 * position is returned as it stands, because the findings are not about it; otherwise the findings are added to the change.
 */
async function keepFindings(ports: EnrichmentPorts, read: Location, findings: Findings): Promise<Location> {
  let current: Location | null = read;
  for (let conflicts = 0; conflicts < mostConflicts; conflicts++) {
    if (current === null) throw notFound(read.id);
    if (hasMoved(current, read)) return current;
    const next = withFindings(current, findings, ports.clock.now());
    if (next === current || (await ports.locations.save(next))) return next;
    current = await ports.locations.read(read.id);
  }
  throw new Error(`location ${read.id} was changed by others at each of ${mostConflicts} tries to save it`);
}

/** What the location already has stays; without anything new it is the same object. */
function withFindings(current: Location, findings: Findings, now: number): Location {
  const address = current.address ?? findings.address;
  const elevation = current.elevation ?? findings.elevation;
  if (address === current.address && elevation === current.elevation) return current;
  const elevationSource =
    current.elevation === null && elevation !== null ? 'mapbox' : current.elevationSource;
  return { ...current, address, elevation, elevationSource, updatedAt: now, revision: current.revision + 1 };
}

function hasMoved(current: Location, read: Location): boolean {
  return current.latitude !== read.latitude || current.longitude !== read.longitude;
}

function resultOf(kept: Location): z.input<typeof enrichmentResult> {
  return {
    status: 'success',
    location_id: kept.id,
    location_name: kept.name,
    enriched_fields: [
      ...(kept.address ? (['address'] as const) : []),
      ...(kept.elevationSource === 'mapbox' ? (['elevation'] as const) : []),
    ],
    formatted_address: kept.address?.formatted_address ?? null,
    elevation: kept.elevation,
  };
}

function notFound(id: string): LocationNotFound {
  return new LocationNotFound(`there is no location ${id}`);
}
