import { isCircuitOpen } from '#functions/runtime/upstream-guard.ts';
import type { TaskContext } from '#shared/tasks/implement-task.ts';
import { PermanentError, RetryAfter } from '#shared/tasks/task-errors.ts';
import type { Location } from './location.ts';
import type { Address, MapboxClient } from './mapbox-client.ts';
import type { GeoPoint } from './terrain-tile.ts';

/** What Mapbox answered; null where it was not asked, knows nothing, or failed. */
export interface Findings {
  readonly address: Address | null;
  readonly elevation: number | null;
  /** Whether an answer is about another place than the one that was asked for: an earlier attempt got it. */
  readonly elsewhere: boolean;
  /** What went wrong, to be thrown once the rest is saved. */
  readonly failures: readonly unknown[];
}

/** What a step records. An attempt may find the location elsewhere than the one before it, so the place is kept too. */
interface Found<Value> extends GeoPoint {
  readonly value: Value;
}

/**
 * Asks Mapbox, side by side and each in a step of its own, for what the location lacks; a failure of one question leaves
 * the other's answer. The step `address` is always taken, even to record what is known, because an attempt must not begin
 * with another step than the one before it, and what the location lacks may have changed between them.
 */
export async function askMapbox(
  mapbox: MapboxClient,
  location: Location,
  { step, signal, correlationId }: Pick<TaskContext, 'step' | 'signal' | 'correlationId'>,
): Promise<Findings> {
  const { latitude, longitude } = location;
  const place = { latitude, longitude };
  const call = { signal, correlationId };
  const [address, elevation] = await Promise.allSettled([
    step('address', async (): Promise<Found<Address | null>> => {
      const value = location.address ?? (await mapbox.reverseGeocode(place, call));
      return { ...place, value };
    }),
    location.elevation === null
      ? step('elevation', async (): Promise<Found<number | null>> => {
          return { ...place, value: await mapbox.elevation(place, call) };
        })
      : { ...place, value: null },
  ]);
  return {
    address: address.status === 'fulfilled' ? address.value.value : null,
    elevation: elevation.status === 'fulfilled' ? elevation.value.value : null,
    elsewhere: [address, elevation].some(
      (asked) => asked.status === 'fulfilled' && hasMoved(asked.value, place),
    ),
    failures: [address, elevation].flatMap((asked) => (asked.status === 'rejected' ? [asked.reason] : [])),
  };
}

/** Whether two readings of a location, or an answer and a location, are about different places. */
export function hasMoved(one: GeoPoint, other: GeoPoint): boolean {
  return one.latitude !== other.latitude || one.longitude !== other.longitude;
}

/**
 * The failure that decides what becomes of the task: one that a retry may mend before one that it cannot, and what
 * Mapbox itself said before a question that it was spared.
 */
export function decisiveFailure(failures: readonly unknown[]): unknown {
  const answered = failures.filter((failure) => !isCircuitOpen(failure));
  return (
    answered.find((failure) => failure instanceof RetryAfter) ??
    answered.find((failure) => !(failure instanceof PermanentError)) ??
    failures.find(isCircuitOpen) ??
    failures[0]
  );
}
