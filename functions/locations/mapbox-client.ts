import type { PNG } from 'pngjs';
import * as z from 'zod';
import { UpstreamRefusal } from '#functions/runtime/upstream-error.ts';
import {
  requestBytes,
  requestJson,
  type UpstreamCall,
  type UpstreamRequest,
  unreadable,
} from '#functions/runtime/upstream-request.ts';
import { decodeElevation, type GeoPoint, pixelOf, TILE_SIZE } from './terrain-tile.ts';

/** A point's address: the parts Mapbox knows, null where it knows none, and those parts joined by ", ". */
export type Address = {
  readonly formatted_address: string;
  readonly locality: string | null;
  readonly administrative_area: string | null;
  readonly country: string | null;
};

/**
 * What the locations system asks of Mapbox, each time for a call: when to give up, and the id that Mapbox is told. Both throw the signal's reason when it is aborted, UpstreamRefusal
 * when Mapbox refuses (401, 403, 422 …), RetryAfter when it names a delay, UpstreamError otherwise.
 */
export type MapboxClient = {
  /** The address at a point; null where there is none, as over open sea. */
  readonly reverseGeocode: (point: GeoPoint, call: UpstreamCall) => Promise<Address | null>;
  /** The ground's elevation at a point in metres, to 0.1; null where there is no tile, as over open sea. */
  readonly elevation: (point: GeoPoint, call: UpstreamCall) => Promise<number | null>;
};

/** How to reach Mapbox. */
export type MapboxOptions = {
  /** For example https://api.mapbox.com; a path in it is kept. */
  readonly baseUrl: string;
  /** Asked before each request, so that a token that was changed takes effect. */
  readonly token: () => Promise<string> | string;
  /** Whether addresses are stored, which Mapbox's terms allow for permanent geocoding only. */
  readonly permanent: boolean;
  readonly fetch?: typeof fetch;
  /** @default 10000 */
  readonly timeoutMs?: number;
  readonly now?: () => Date;
};

const ELEVATION_ZOOM = 14;

const ContextPart = z.object({ name: z.string() }).nullish();

/** The part of a Geocoding v6 reply that is used; further fields are Mapbox's own affair. */
const GeocodeReply = z.object({
  features: z.array(
    z.object({
      properties: z.object({
        context: z.object({ place: ContextPart, region: ContextPart, country: ContextPart }).nullish(),
      }),
    }),
  ),
});

/**
 * A client for Mapbox's reverse geocoding v6 and Terrain-RGB tiles: one request a call, no retries of its
 * own (the queue retries). The token never appears in an error. Source: docs.mapbox.com/api.
 */
export function createMapboxClient(options: MapboxOptions): MapboxClient {
  const { baseUrl, permanent, timeoutMs = 10_000, now = () => new Date() } = options;

  const request = async (
    purpose: string,
    path: string,
    query: Readonly<Record<string, string>>,
    call: UpstreamCall,
  ): Promise<UpstreamRequest> => {
    call.signal.throwIfAborted();
    const token = await options.token();
    const url = new URL(`${baseUrl.replace(/\/+$/, '')}${path}`);
    url.search = new URLSearchParams({ ...query, access_token: token }).toString();
    const send = options.fetch ?? fetch;
    return { ...call, upstream: 'Mapbox', purpose, url, secrets: [token], timeoutMs, fetch: send, now };
  };

  return {
    reverseGeocode: async ({ latitude, longitude }, call) => {
      const query = {
        longitude: degrees(longitude),
        latitude: degrees(latitude),
        types: 'place,region,country',
        permanent: String(permanent),
      };
      const asked = await request('reverse geocoding', '/search/geocode/v6/reverse', query, call);
      const reply = await requestJson(asked, GeocodeReply);
      return addressOf(reply);
    },

    elevation: async (point, call) => {
      const { x, y, column, row } = pixelOf(point, ELEVATION_ZOOM);
      const path = `/v4/mapbox.terrain-rgb/${ELEVATION_ZOOM}/${x}/${y}.pngraw`;
      const asked = await request('a terrain tile', path, {}, call);
      const tile = await requestBytes(asked).catch(nullWhenMissing);
      if (tile === null) return null;
      const { data } = await readTile(asked, tile);
      const at = (row * TILE_SIZE + column) * 4;
      return decodeElevation(data.readUInt8(at), data.readUInt8(at + 1), data.readUInt8(at + 2));
    },
  };
}

/** Mapbox has no terrain tiles of open sea: their 404 is an answer, not a fault (mapbox-gl-js issue 10229). */
function nullWhenMissing(error: unknown): null {
  if (error instanceof UpstreamRefusal && error.status === 404) return null;
  throw error;
}

/** Six decimals, a tenth of a metre, and never the exponent that `String(1e-7)` would write. */
function degrees(value: number): string {
  return value.toFixed(6);
}

/** Features come most specific first, and each carries the context above it: the first one says it all. */
function addressOf(reply: z.infer<typeof GeocodeReply>): Address | null {
  const context = reply.features[0]?.properties.context;
  const locality = context?.place?.name || null;
  const administrative_area = context?.region?.name || null;
  const country = context?.country?.name || null;
  const parts = [locality, administrative_area, country].filter((part) => part !== null);
  if (parts.length === 0) return null;
  return { formatted_address: parts.join(', '), locality, administrative_area, country };
}

/** pngjs gives four bytes a pixel whatever the file holds. */
async function readTile(asked: UpstreamRequest, bytes: Uint8Array): Promise<PNG> {
  // Loaded with the first tile: most cold starts of the worker are for other work, and this is a tenth of one.
  const { PNG } = await import('pngjs');
  let png: PNG;
  try {
    png = PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (cause) {
    throw unreadable(asked, `it is not a whole PNG (${bytes.length} bytes)`, { cause });
  }
  if (png.width === TILE_SIZE && png.height === TILE_SIZE) return png;
  throw unreadable(
    asked,
    `a tile of ${png.width} × ${png.height} pixels instead of ${TILE_SIZE} × ${TILE_SIZE}`,
  );
}
