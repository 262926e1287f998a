import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { RunningUpstream } from '../start-upstream.ts';
import { startMapbox } from './start-mapbox.ts';
import { syntheticElevation } from './synthetic-elevation.ts';

const TOKEN = 'pk.test';
let mapbox: RunningUpstream;

beforeAll(async () => {
  mapbox = await startMapbox({ token: TOKEN, now: () => new Date('2026-11-20T10:00:30Z') });
});

afterAll(() => mapbox.stop());

function ask(path: string, query: Record<string, string> = {}): Promise<Response> {
  return fetch(`${mapbox.url}${path}?${new URLSearchParams({ access_token: TOKEN, ...query })}`);
}

function reverse(latitude: number | string, longitude: number | string, query: Record<string, string> = {}) {
  const point = { latitude: String(latitude), longitude: String(longitude), permanent: 'true' };
  return ask('/search/geocode/v6/reverse', { ...point, ...query });
}

async function featuresAt(...asked: Parameters<typeof reverse>) {
  const Feature = z.object({
    properties: z.looseObject({ feature_type: z.string(), context: z.looseObject({}) }),
  });
  const reply = z.object({ features: z.array(Feature) }).parse(await (await reverse(...asked)).json());
  return reply.features.map(({ properties }) => properties);
}

async function messageOf(reply: Response): Promise<string> {
  return z.object({ message: z.string() }).parse(await reply.json()).message;
}

describe('reverse geocoding', () => {
  it('answers place, region and country, most specific first, as Mapbox v6 does', async () => {
    const reply = await reverse(40.73, -73.99, { types: 'place,region,country' });
    expect(reply.headers.get('content-type')).toMatch('application/json');
    expect(await reply.json()).toMatchObject({
      type: 'FeatureCollection',
      attribution: expect.stringContaining('NOTICE'),
      features: [
        {
          type: 'Feature',
          id: expect.stringMatching(/^dXJuOm1ieHBsYzp/),
          geometry: { type: 'Point', coordinates: [-74.005994, 40.712749] },
          properties: {
            mapbox_id: expect.stringMatching(/^dXJuOm1ieHBsYzp/),
            feature_type: 'place',
            full_address: 'New York, New York, United States',
            name: 'New York',
            name_preferred: 'New York',
            place_formatted: 'New York, United States',
            coordinates: { longitude: -74.005994, latitude: 40.712749 },
            context: {
              place: { name: 'New York' },
              region: { name: 'New York', region_code: 'NY', region_code_full: 'US-NY' },
              country: { name: 'United States', country_code: 'US', country_code_alpha_3: 'USA' },
            },
          },
        },
        { properties: { feature_type: 'region', full_address: 'New York, United States' } },
        { properties: { feature_type: 'country', full_address: 'United States' } },
      ],
    });
  });

  it.each([
    ['a town', 48.86, 2.35, ['place', 'region', 'country']],
    ['a town without a region', 43.74, 7.42, ['place', 'country']],
    ['the countryside', 48.86, 3.4, ['region', 'country']],
    ['a country without regions', -77.85, 166.7, ['country']],
    ['the open sea', 0, -140, []],
  ])('answers for %s', async (_, latitude, longitude, expected) => {
    const features = await featuresAt(latitude, longitude);
    expect(features.map((feature) => feature.feature_type)).toEqual(expected);
  });

  it('answers the wanted types only', async () => {
    const [country, ...others] = await featuresAt(48.86, 2.35, { types: 'country' });
    expect(others).toEqual([]);
    expect(country).toMatchObject({ name: 'France', context: { country: { name: 'France' } } });
    expect(country).not.toHaveProperty('place_formatted');
    expect(Object.keys(country?.context ?? {})).toEqual(['country']);
  });

  it.each([
    ['latitude', 90.1, 0],
    ['latitude', 'north', 0],
    ['latitude', '', 0],
    ['longitude', 0, 180.5],
    ['longitude', 0, '1e2'],
  ])('refuses a wrong %s: %s, %s', async (name, latitude, longitude) => {
    const reply = await reverse(latitude, longitude);
    expect(reply.status).toBe(422);
    expect((await messageOf(reply)).toLowerCase()).toContain(`${name} must be`);
  });

  it('refuses an unknown type', async () => {
    const reply = await reverse(0, 0, { types: 'place,town' });
    expect([reply.status, await messageOf(reply)]).toEqual([422, expect.stringContaining('Type "town"')]);
  });
});

describe('the token', () => {
  it.each(['/search/geocode/v6/reverse', '/v4/mapbox.terrain-rgb/14/1/1.pngraw'])(
    'guards %s',
    async (path) => {
      const wrong = await ask(path, { access_token: 'pk.other' });
      expect([wrong.status, await wrong.json()]).toEqual([
        401,
        { message: 'Not Authorized - Invalid Token' },
      ]);
      const none = await fetch(`${mapbox.url}${path}`);
      expect([none.status, await none.json()]).toEqual([401, { message: 'Not Authorized - No Token' }]);
    },
  );
});

describe('an ordered 429', () => {
  it('has Mapbox’s body and rate-limit headers, and Retry-After when ordered', async () => {
    const order = { match: '/search/*', status: 429, headers: { 'Retry-After': '30' } };
    await fetch(`${mapbox.url}/__faults`, { method: 'POST', body: JSON.stringify(order) });
    const reply = await reverse(0, 0);
    expect([reply.status, await reply.json()]).toEqual([429, { message: 'Too Many Requests' }]);
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'retry-after': '30',
      'x-rate-limit-interval': '60',
      'x-rate-limit-limit': '1000',
      'x-rate-limit-reset': `${Date.parse('2026-11-20T10:01:00Z') / 1000}`,
    });
  });
});

describe('terrain tiles', () => {
  const tile = (path: string) => ask(`/v4/mapbox.terrain-rgb/${path}`);

  it('is a 256 × 256 PNG whose pixels hold the elevation of their centres', async () => {
    const reply = await tile('14/8192/8191.pngraw');
    expect(reply.headers.get('content-type')).toBe('image/png');
    const png = PNG.sync.read(Buffer.from(await reply.arrayBuffer()));
    expect([png.width, png.height]).toEqual([256, 256]);
    // The tile's south-west corner is the point 0, 0: a pixel is 360/2^22 degrees, as long north as east there.
    const degree = 360 / 2 ** 22;
    const centre = { latitude: degree / 2, longitude: degree / 2 };
    const metres = -10_000 + png.data.readUIntBE(255 * 256 * 4, 3) * 0.1;
    expect(Math.abs(metres - syntheticElevation(centre))).toBeLessThanOrEqual(0.0501);
  });

  it.each(['14/16384/0.pngraw', '14/0/16384.pngraw', '16/0/0.pngraw', '14/0/0.png', '14/-1/0.pngraw'])(
    'has no tile %s',
    async (path) => {
      const reply = await tile(path);
      expect(reply.status).toBe(404);
      expect(await reply.json()).toEqual({ message: expect.stringMatching(/not found/i) });
    },
  );
});
