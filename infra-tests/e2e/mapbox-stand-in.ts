import * as z from 'zod';
import { pixelOf } from '#functions/locations/terrain-tile.ts';
import type { Place } from './api-calls.ts';
import type { Target } from './target.ts';

/** A fault that the stand-in makes with the next `times` requests (1 unless said): an error, or a slow answer. */
export interface Fault {
  readonly status?: number;
  readonly delay_ms?: number;
  readonly times?: number;
  /** Hits only each nth request that fits. */
  readonly every?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The error's own body. @default as Mapbox words it */
  readonly body?: string;
}

/** Orders a fault of the requests whose path fits `match`. */
export async function orderFault(target: Target, fault: Fault & { readonly match: string }): Promise<void> {
  const response = await fetch(`${target.mapboxUrl}/__faults`, {
    method: 'POST',
    body: JSON.stringify(fault),
  });
  if (!response.ok) throw new Error(`the stand-in refused the order: ${await response.text()}`);
}

/** Orders a fault of the terrain tile at a place; no other place shares the tile, so no other story meets it. */
export function orderTileFault(target: Target, place: Place, fault: Fault): Promise<void> {
  return orderFault(target, { ...fault, match: tilePath(place) });
}

const served = z.array(
  z.object({
    path: z.string(),
    query: z.record(z.string(), z.string()),
    status: z.int().nullable(),
    correlation_id: z.string().optional(),
  }),
);

/** The statuses with which the stand-in answered, in order; null for a request that has no answer (yet). */
export interface AskedAbout {
  readonly address: readonly (number | null)[];
  readonly elevation: readonly (number | null)[];
}

/** The correlation ids that the stand-in was told with any question about a place, in order. */
export async function correlationsOf(target: Target, place: Place): Promise<readonly (string | undefined)[]> {
  const { address, elevation } = await requestsAbout(target, place);
  return [...address, ...elevation].map(({ correlation_id }) => correlation_id);
}

/** What the stand-in was asked about a place. */
export async function askedAbout(target: Target, place: Place): Promise<AskedAbout> {
  const { address, elevation } = await requestsAbout(target, place);
  return { address: address.map(({ status }) => status), elevation: elevation.map(({ status }) => status) };
}

async function requestsAbout(target: Target, place: Place) {
  const response = await fetch(`${target.mapboxUrl}/__requests`);
  const requests = served.parse(await response.json());
  const isAddress = ({ path, query }: (typeof requests)[number]) =>
    path.startsWith('/search/geocode/') &&
    Number(query['latitude']) === place.latitude &&
    Number(query['longitude']) === place.longitude;
  return {
    address: requests.filter(isAddress),
    elevation: requests.filter(({ path }) => path === tilePath(place)),
  };
}

function tilePath(place: Place): string {
  const { x, y } = pixelOf(place, 14);
  return `/v4/mapbox.terrain-rgb/14/${x}/${y}.pngraw`;
}
