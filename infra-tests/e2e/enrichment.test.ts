import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { syntheticElevation } from '#tools/upstreams/mapbox/synthetic-elevation.ts';
import { ask, createLocation, taskUntil } from './api-calls.ts';
import { type OpenTarget, openTarget } from './open-target.ts';
import { anId, aTime } from './shapes.ts';
import type { Target } from './target.ts';

let opened: OpenTarget;
let target: Target;
beforeAll(async () => {
  opened = await openTarget();
  target = opened.target;
});
afterAll(() => opened.stop());

const place = { name: 'Notre-Dame', latitude: 48.852968, longitude: 2.349902 };
const location = { id: anId, ...place, created_at: aTime, updated_at: aTime };
const elevated = z.object({ elevation: z.number() });

describe('a location', () => {
  it('is stored at once, without what only Mapbox knows, and names the task that will enrich it', async () => {
    const { status, headers, body } = await ask(target, 'POST', '/api/v1/locations', { json: place });
    expect(status).toBe(201);
    expect(headers.get('location')).toMatch(/^\/api\/v1\/locations\/[0-9a-f-]{36}$/);
    expect(body).toEqual({
      ...location,
      elevation: null,
      formatted_address: null,
      locality: null,
      administrative_area: null,
      country: null,
      task_id: anId,
    });
  });

  it('has address and elevation once its task has ended', async () => {
    const { locationId, taskId } = await createLocation(target, place);
    const { result } = await taskUntil(target, taskId, ({ state }) => expect(state).toBe('SUCCESS'));
    const { elevation } = elevated.parse(result);
    expect(Math.abs(elevation - syntheticElevation(place))).toBeLessThanOrEqual(0.1);
    expect(result).toEqual({
      status: 'success',
      location_id: locationId,
      location_name: 'Notre-Dame',
      enriched_fields: ['address', 'elevation'],
      formatted_address: 'Paris, Île-de-France, France',
      elevation,
    });

    const { status, body } = await ask(target, 'GET', `/api/v1/locations/${locationId}`);
    expect(status).toBe(200);
    expect(body).toEqual({
      ...location,
      elevation,
      formatted_address: 'Paris, Île-de-France, France',
      locality: 'Paris',
      administrative_area: 'Île-de-France',
      country: 'France',
      task_id: null,
    });
  });
});
