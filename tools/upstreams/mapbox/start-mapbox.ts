import { type RunningUpstream, startUpstream } from '../start-upstream.ts';
import { mapboxError } from './mapbox-replies.ts';
import { reverseGeocodeRoute } from './reverse-geocode-route.ts';
import { terrainRoute } from './terrain-route.ts';

/** How to start the stand-in Mapbox. */
export type MapboxOptions = {
  /** The one access token it accepts. */
  readonly token: string;
  /** @default 0, a free port */
  readonly port?: number;
  readonly log?: (line: string) => void;
  readonly now?: () => Date;
};

/**
 * Starts a stand-in for Mapbox on 127.0.0.1: reverse geocoding v6 and Terrain-RGB tiles, with made-up but
 * repeatable data, and the faults that are ordered at `POST /__faults`. Throws when the port is taken.
 */
export function startMapbox(options: MapboxOptions): Promise<RunningUpstream> {
  const { token, now = () => new Date(), ...frame } = options;
  return startUpstream({
    ...frame,
    now,
    routes: [reverseGeocodeRoute(token, now), terrainRoute(token)],
    errorReply: (status) => mapboxError(status, now()),
  });
}
