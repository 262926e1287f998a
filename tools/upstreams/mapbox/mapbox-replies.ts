import { STATUS_CODES } from 'node:http';
import { jsonReply, type UpstreamReply, type UpstreamRequest } from '../upstream-route.ts';

const INTERVAL_SECONDS = 60;
const REQUESTS_PER_INTERVAL = 1000;

/** Mapbox's rate-limit headers: the interval in seconds, its quota, and the Unix second at which it ends. */
export function rateLimitHeaders(now: Date): Record<string, string> {
  const seconds = Math.floor(now.getTime() / 1000);
  return {
    'x-rate-limit-interval': `${INTERVAL_SECONDS}`,
    'x-rate-limit-limit': `${REQUESTS_PER_INTERVAL}`,
    'x-rate-limit-reset': `${(Math.floor(seconds / INTERVAL_SECONDS) + 1) * INTERVAL_SECONDS}`,
  };
}

/** The body Mapbox gives with an error status: `{message}`; 429 comes with the rate-limit headers. */
export function mapboxError(status: number, now: Date): UpstreamReply {
  const message = STATUS_CODES[status] ?? `Status ${status}`;
  return jsonReply(status, { message }, status === 429 ? rateLimitHeaders(now) : {});
}

/** The 401 that Mapbox gives without a token or with one it does not know; null when the token is right. */
export function tokenRefusal(request: UpstreamRequest, token: string): UpstreamReply | null {
  const given = request.query.get('access_token');
  if (!given) return jsonReply(401, { message: 'Not Authorized - No Token' });
  if (given !== token) return jsonReply(401, { message: 'Not Authorized - Invalid Token' });
  return null;
}
