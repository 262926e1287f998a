import { PermanentError, RetryAfter } from '#shared/tasks/task-errors.ts';
import type { Location } from './location.ts';
import type { Address, MapboxClient } from './mapbox-client.ts';

/** What Mapbox answered; null where it was not asked, knows nothing, or failed. */
export interface Findings {
  readonly address: Address | null;
  readonly elevation: number | null;
  /** What went wrong, to be thrown once the rest is saved. */
  readonly failures: readonly unknown[];
}

/** Asks Mapbox, side by side, for what the location lacks; a failure of one question leaves the other's answer. */
export async function askMapbox(
  mapbox: MapboxClient,
  location: Location,
  signal: AbortSignal,
): Promise<Findings> {
  const [address, elevation] = await Promise.allSettled([
    location.address === null ? mapbox.reverseGeocode(location, signal) : null,
    location.elevation === null ? mapbox.elevation(location, signal) : null,
  ]);
  return {
    address: address.status === 'fulfilled' ? address.value : null,
    elevation: elevation.status === 'fulfilled' ? elevation.value : null,
    failures: [address, elevation].flatMap((asked) => (asked.status === 'rejected' ? [asked.reason] : [])),
  };
}

/** The failure that decides what becomes of the task: one that a retry may mend before one that it cannot. */
export function decisiveFailure(failures: readonly unknown[]): unknown {
  return (
    failures.find((failure) => failure instanceof RetryAfter) ??
    failures.find((failure) => !(failure instanceof PermanentError)) ??
    failures[0]
  );
}
