import * as z from 'zod';
import { pixelOf } from '#functions/locations/terrain-tile.ts';
import type { ApiClient } from './api-client.ts';
import { convertDemoImage } from './demo-image.ts';

/** A task of the demo: how it is submitted, which faults its upstream makes, and how it must end. */
export interface DemoTask {
  readonly name: string;
  readonly mustEnd: 'SUCCESS' | 'FAILURE' | 'CANCELLED';
  /** Whether the demo cancels it once it is under way. */
  readonly cancel: boolean;
  readonly faults: readonly Fault[];
  submit(api: ApiClient): Promise<string>;
}

interface Fault {
  readonly match: string;
  readonly times: number;
  readonly status?: number;
  readonly delay_ms?: number;
}

const accepted = z.object({ task_id: z.string() });

function toolboxTask(
  name: string,
  task: string,
  input: unknown,
  mustEnd: 'SUCCESS' | 'CANCELLED' = 'SUCCESS',
): DemoTask {
  return {
    name,
    mustEnd,
    cancel: mustEnd === 'CANCELLED',
    faults: [],
    submit: async (api) => (await api('POST', '/api/v1/tasks', accepted, { task, input })).task_id,
  };
}

function location(
  place: { readonly name: string; readonly latitude: number; readonly longitude: number },
  mustEnd: DemoTask['mustEnd'],
  fault: Omit<Fault, 'match'>,
): DemoTask {
  const { x, y } = pixelOf(place, 14);
  return {
    name: place.name,
    mustEnd,
    cancel: false,
    // The tile's address is the location's alone, so the faults of one task do not meet another.
    faults: [{ ...fault, match: `/v4/mapbox.terrain-rgb/14/${x}/${y}.pngraw` }],
    submit: async (api) => (await api('POST', '/api/v1/locations', accepted, place)).task_id,
  };
}

const image: DemoTask = {
  name: 'hills.png to GeoTIFF',
  mustEnd: 'SUCCESS',
  cancel: false,
  faults: [],
  submit: convertDemoImage,
};

/** What the demo runs: quick tasks, slow ones, a long one to cancel, one that its retries save and one that they do not. */
export const demoTasks: readonly DemoTask[] = [
  toolboxTask('test_celery', 'test_celery', { message: 'hello from the demo' }),
  toolboxTask('health_check', 'health_check', {}),
  toolboxTask('count_primes', 'count_primes', { limit: 50_000_000, rounds: 200 }, 'CANCELLED'),
  image,
  location({ name: 'Tokyo Station', latitude: 35.6812, longitude: 139.7671 }, 'SUCCESS', {
    times: 1,
    delay_ms: 1200,
  }),
  location({ name: 'Nairobi', latitude: -1.2833, longitude: 36.8172 }, 'SUCCESS', {
    times: 1,
    delay_ms: 2000,
  }),
  location({ name: 'Paris (2 × 503)', latitude: 48.8567, longitude: 2.3515 }, 'SUCCESS', {
    times: 2,
    status: 503,
  }),
  location({ name: 'Sydney (4 × 503)', latitude: -33.8698, longitude: 151.2083 }, 'FAILURE', {
    times: 4,
    status: 503,
  }),
];
