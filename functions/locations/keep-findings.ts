import type { Clock } from '#shared/ports/clock.ts';
import { type Findings, hasMoved } from './ask-mapbox.ts';
import type { Location } from './location.ts';
import type { LocationStore } from './location-store.ts';

/** What keeping findings needs. */
export interface KeepingPorts {
  readonly locations: LocationStore;
  readonly clock: Pick<Clock, 'now'>;
}

const mostConflicts = 5;

/**
 * Saves the findings onto the location as it was read, and resolves with what is kept. Changed meanwhile, it is read
 * again and the findings are added to the change; null when it is in another place by now, or gone: the findings are not
 * about it. Throws after 5 tries that each met a change, and what DynamoDB throws.
 */
export async function keepFindings(
  { locations, clock }: KeepingPorts,
  read: Location,
  findings: Findings,
): Promise<Location | null> {
  if (findings.elsewhere) return null;
  let current: Location | null = read;
  for (let conflicts = 0; conflicts < mostConflicts; conflicts++) {
    if (current === null || hasMoved(current, read)) return null;
    const next = withFindings(current, findings, clock.now());
    if (next === current || (await locations.save(next))) return next;
    current = await locations.read(read.tenant, read.id);
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
