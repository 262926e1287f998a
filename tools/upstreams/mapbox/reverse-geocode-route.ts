import { jsonReply, type UpstreamReply, type UpstreamRoute } from '../upstream-route.ts';
import { findCity } from './find-city.ts';
import { FEATURE_TYPES, geocodeFeatures } from './geocode-features.ts';
import { rateLimitHeaders, tokenRefusal } from './mapbox-replies.ts';

/** Types that Mapbox knows and this world has none of: asking for them is right and finds nothing. */
const OTHER_TYPES = ['postcode', 'district', 'locality', 'neighborhood', 'street', 'block', 'address'];
const KNOWN_TYPES: readonly string[] = [...FEATURE_TYPES, ...OTHER_TYPES];
const BOOLEANS: readonly (string | null)[] = [null, 'true', 'false'];

/** `GET /search/geocode/v6/reverse`. Source: docs.mapbox.com/api/search/geocoding, "Reverse geocoding". */
export function reverseGeocodeRoute(token: string, now: () => Date): UpstreamRoute {
  return {
    method: 'GET',
    path: '/search/geocode/v6/reverse',
    handle: (request) =>
      tokenRefusal(request, token) ?? withRateLimit(reverseGeocode(request.query), rateLimitHeaders(now())),
  };
}

function withRateLimit(reply: UpstreamReply, headers: Record<string, string>): UpstreamReply {
  return { ...reply, headers: { ...reply.headers, ...headers } };
}

function reverseGeocode(query: URLSearchParams): UpstreamReply {
  const longitude = degrees(query.get('longitude'), 180);
  if (longitude === null) return refused('Longitude must be a number between -180 and 180');
  const latitude = degrees(query.get('latitude'), 90);
  if (latitude === null) return refused('Latitude must be a number between -90 and 90');
  if (!BOOLEANS.includes(query.get('permanent'))) return refused('Permanent must be true or false');
  const types = query.get('types')?.split(',') ?? KNOWN_TYPES;
  const unknown = types.find((type) => !KNOWN_TYPES.includes(type));
  if (unknown !== undefined) {
    return refused(`Type "${unknown}" is not a known type. Must be one of: ${KNOWN_TYPES.join(', ')}`);
  }
  const city = findCity(latitude, longitude);
  return jsonReply(200, {
    type: 'FeatureCollection',
    features: (city ? geocodeFeatures(city) : [])
      .filter(({ type }) => types.includes(type))
      .map(({ feature }) => feature),
    attribution:
      'NOTICE: Made-up data of a local stand-in for Mapbox, for development and tests only. Not from Mapbox.',
  });
}

function degrees(text: string | null, limit: number): number | null {
  if (text === null || !/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text)) return null;
  const value = Number(text);
  return Math.abs(value) <= limit ? value : null;
}

function refused(message: string): UpstreamReply {
  return jsonReply(422, { message });
}
