import { isDeepStrictEqual } from 'node:util';
import type { Location, LocationChange } from './location.ts';

/** A changed location, and whether Mapbox has to be asked about it. */
export interface ChangedLocation {
  readonly next: Location;
  readonly needsEnrichment: boolean;
}

/**
 * Applies a change; null when it changes nothing. What Mapbox told of a place goes with the place; a given elevation
 * stays until it is replaced or, by null, forgotten. `now` is in milliseconds since the epoch.
 */
export function changeLocation(
  current: Location,
  change: LocationChange,
  now: number,
): ChangedLocation | null {
  const { name = current.name, latitude = current.latitude, longitude = current.longitude } = change;
  const moved = latitude !== current.latitude || longitude !== current.longitude;
  const ground = groundAfter(current, change.elevation, moved);
  const address = moved ? null : current.address;
  const changed: Location = { ...current, name, latitude, longitude, ...ground, address };
  if (isDeepStrictEqual(changed, current)) return null;
  const forgotten = current.elevationSource === 'given' && ground.elevationSource === null;
  return {
    next: { ...changed, updatedAt: now, revision: current.revision + 1 },
    needsEnrichment: moved || forgotten,
  };
}

type Ground = Pick<Location, 'elevation' | 'elevationSource'>;

function groundAfter(current: Ground, wished: number | null | undefined, moved: boolean): Ground {
  if (typeof wished === 'number') return { elevation: wished, elevationSource: 'given' };
  const forget = current.elevationSource === 'given' ? wished === null : moved;
  if (forget) return { elevation: null, elevationSource: null };
  return { elevation: current.elevation, elevationSource: current.elevationSource };
}
