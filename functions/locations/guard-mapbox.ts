import type { UpstreamGuard } from '#functions/runtime/upstream-guard.ts';
import type { MapboxClient } from './mapbox-client.ts';

/** The same client, every request through the guard. */
export function guardMapbox(client: MapboxClient, guard: UpstreamGuard): MapboxClient {
  return {
    reverseGeocode: (point, signal) => guard(signal, () => client.reverseGeocode(point, signal)),
    elevation: (point, signal) => guard(signal, () => client.elevation(point, signal)),
  };
}
