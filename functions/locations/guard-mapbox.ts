import type { UpstreamGuard } from '#functions/runtime/upstream-guard.ts';
import type { MapboxClient } from './mapbox-client.ts';

/** The same client, every request through the guard. */
export function guardMapbox(client: MapboxClient, guard: UpstreamGuard): MapboxClient {
  return {
    reverseGeocode: (point, call) => guard(call.signal, () => client.reverseGeocode(point, call)),
    elevation: (point, call) => guard(call.signal, () => client.elevation(point, call)),
  };
}
