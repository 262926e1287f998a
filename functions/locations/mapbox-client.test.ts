import { inspect } from 'node:util';
import { PNG } from 'pngjs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startMapbox } from '#tools/upstreams/mapbox/start-mapbox.ts';
import { syntheticElevation } from '#tools/upstreams/mapbox/synthetic-elevation.ts';
import { type RunningUpstream, startUpstream } from '#tools/upstreams/start-upstream.ts';
import { createMapboxClient, type MapboxClient, type MapboxOptions } from './mapbox-client.ts';

const TOKEN = 'pk.eyJ1IjoidGVzdCJ9.secret';
const never = { signal: new AbortController().signal, correlationId: null };
const paris = { latitude: 48.8584, longitude: 2.2945 };
const lines: string[] = [];
let mapbox: RunningUpstream;

beforeAll(async () => {
  mapbox = await startMapbox({ token: TOKEN, log: (line) => lines.push(line) });
});

afterEach(async () => {
  expect(lines.join('\n')).not.toContain(TOKEN);
  await fetch(`${mapbox.url}/__faults`, { method: 'DELETE' });
  await fetch(`${mapbox.url}/__requests`, { method: 'DELETE' });
});

afterAll(() => mapbox.stop());

function client(changes: Partial<MapboxOptions> = {}): MapboxClient {
  return createMapboxClient({ baseUrl: mapbox.url, token: () => TOKEN, permanent: true, ...changes });
}

async function order(fault: object): Promise<void> {
  const reply = await fetch(`${mapbox.url}/__faults`, { method: 'POST', body: JSON.stringify(fault) });
  expect(reply.status).toBe(201);
}

async function requests(): Promise<unknown> {
  return (await fetch(`${mapbox.url}/__requests`)).json();
}

/** What a call ends with; the token must be nowhere in what a log would print of it. */
async function failure(call: Promise<unknown>): Promise<unknown> {
  const error = await call.then(
    (value) => ({ unexpected: value }),
    (thrown: unknown) => thrown,
  );
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain(TOKEN);
  return error;
}

describe('reverseGeocode', () => {
  it('gives the parts and joins them', async () => {
    expect(await client().reverseGeocode(paris, never)).toEqual({
      formatted_address: 'Paris, Île-de-France, France',
      locality: 'Paris',
      administrative_area: 'Île-de-France',
      country: 'France',
    });
  });

  it.each([
    ['a region', 1.3, 103.85, 'Singapore, Singapore', ['Singapore', null, 'Singapore']],
    ['a place', 48.86, 3.4, 'Île-de-France, France', [null, 'Île-de-France', 'France']],
    ['both', -77.85, 166.7, 'Antarctica', [null, null, 'Antarctica']],
  ])('leaves out what is absent: %s', async (_, latitude, longitude, formatted_address, parts) => {
    const [locality, administrative_area, country] = parts;
    expect(await client().reverseGeocode({ latitude, longitude }, never)).toEqual({
      formatted_address,
      locality,
      administrative_area,
      country,
    });
  });

  it('gives null over open sea', async () => {
    expect(await client().reverseGeocode({ latitude: 0, longitude: -140 }, never)).toBeNull();
  });

  it('takes an empty name for an absent one, and null when nothing is left', async () => {
    const feature = (context: object) => JSON.stringify({ features: [{ properties: { context } }] });
    const body = feature({ place: { name: '' }, region: null, country: { name: 'Chad' } });
    await order({ match: '/search/*', status: 200, body });
    await order({ match: '/search/*', status: 200, body: feature({ place: { name: '' } }) });
    const first = await client().reverseGeocode(paris, never);
    expect(first).toMatchObject({ formatted_address: 'Chad', locality: null });
    expect(await client().reverseGeocode(paris, never)).toBeNull();
  });

  it('asks for permanent geocoding of three types, in plain decimals', async () => {
    await client().reverseGeocode({ latitude: 1e-7, longitude: -139.1234567 }, never);
    await client({ permanent: false, baseUrl: `${mapbox.url}/` }).reverseGeocode(paris, never);
    const query = { latitude: '0.000000', longitude: '-139.123457', types: 'place,region,country' };
    expect(await requests()).toMatchObject([
      { path: '/search/geocode/v6/reverse', query: { ...query, permanent: 'true' }, status: 200 },
      { path: '/search/geocode/v6/reverse', query: { permanent: 'false' }, status: 200 },
    ]);
  });

  it('asks for the token anew each time', async () => {
    const tokens = ['pk.old', TOKEN];
    const asking = client({ token: async () => tokens.shift() ?? '' });
    expect(await failure(asking.reverseGeocode(paris, never))).toMatchObject({ name: 'UpstreamRefusal' });
    expect(await asking.reverseGeocode(paris, never)).toMatchObject({ locality: 'Paris' });
  });
});

describe('elevation', () => {
  it.each([
    ['Paris', paris],
    ['the south-east', { latitude: -33.8568, longitude: 151.2153 }],
    ['the far north', { latitude: 84.9, longitude: -35 }],
    ['the antimeridian', { latitude: -17, longitude: 180 }],
    ['Null Island', { latitude: 0, longitude: 0 }],
  ])('gives the ground of %s to a tenth of a metre', async (_, point) => {
    const metres = (await client().elevation(point, never)) ?? Number.NaN;
    // Half a step of the tile's 0.1 m, and the pixel's centre is not quite the point.
    expect(Math.abs(metres - syntheticElevation(point))).toBeLessThan(0.05 + 0.03);
    expect(metres).toBe(Number(metres.toFixed(1)));
  });

  it('gives the map’s edge beyond it', async () => {
    const edge = await client().elevation({ latitude: 85.05112, longitude: 10 }, never);
    expect(edge).not.toBeNull();
    expect(await client().elevation({ latitude: 90, longitude: 10 }, never)).toBeCloseTo(
      edge ?? Number.NaN,
      0,
    );
  });

  it('knows no ground where Mapbox has no tile, as over open sea', async () => {
    await order({ match: '/v4/*', status: 404 });
    expect(await client().elevation({ latitude: 0, longitude: -30 }, never)).toBeNull();
  });

  it.each([
    ['RGB', 2],
    ['RGBA', 6],
  ] as const)('reads the very pixel of the point from an %s tile', async (_, colorType) => {
    const numbered = new PNG({ width: 256, height: 256 });
    for (let pixel = 0; pixel < 65_536; pixel++) numbered.data.writeUInt32BE(pixel * 256 + 255, pixel * 4);
    const body = PNG.sync.write(numbered, { colorType });
    const path = '/v4/mapbox.terrain-rgb/14/8192/8191.pngraw';
    const upstream = await startUpstream({
      routes: [{ method: 'GET', path, handle: () => ({ status: 200, body }) }],
    });
    try {
      // A pixel is 360/2^22 degrees here: 3.5 pixels north of and 7.5 east of the tile's south-west corner.
      const degree = 360 / 2 ** 22;
      const point = { latitude: 3.5 * degree, longitude: 7.5 * degree };
      const pixel = (255 - 3) * 256 + 7;
      expect(await client({ baseUrl: upstream.url }).elevation(point, never)).toBe((pixel - 100_000) / 10);
    } finally {
      await upstream.stop();
    }
  });

  it.each([
    ['is no PNG', '<html>', 'it is not a whole PNG (6 bytes)'],
    ['is empty', '', 'it is not a whole PNG (0 bytes)'],
  ])('retries a tile that %s', async (_, body, fault) => {
    await order({ match: '/v4/*', status: 200, body });
    expect(await failure(client().elevation(paris, never))).toMatchObject({
      name: 'UpstreamError',
      message: `Mapbox answered a terrain tile in an unexpected form: ${fault}`,
      cause: expect.any(Error),
    });
  });

  it('retries a tile that was cut short or has another size', async () => {
    const small = PNG.sync.write(new PNG({ width: 128, height: 128 }));
    const bodies = [small, small.subarray(0, small.length - 40)];
    const handle = () => ({ status: 200, body: bodies.shift() ?? '' });
    const upstream = await startUpstream({ routes: [{ method: 'GET', path: '/v4/*', handle }] });
    try {
      const asking = client({ baseUrl: upstream.url });
      const size = await failure(asking.elevation(paris, never));
      expect(size).toMatchObject({ name: 'UpstreamError', message: expect.stringContaining('128 × 128') });
      const cut = await failure(asking.elevation(paris, never));
      expect(cut).toMatchObject({
        name: 'UpstreamError',
        message: expect.stringContaining('not a whole PNG'),
      });
    } finally {
      await upstream.stop();
    }
  });
});

describe.each([
  ['reverseGeocode', 'reverse geocoding'],
  ['elevation', 'a terrain tile'],
] as const)('%s when Mapbox fails', (method, purpose) => {
  const call = (changes: Partial<MapboxOptions> = {}, signal = never.signal) =>
    failure(client(changes)[method](paris, { ...never, signal }));

  it('ends for good on a wrong token, and does not tell it', async () => {
    const error = await call({ token: () => 'pk.wrong' });
    expect(error).toMatchObject({
      name: 'UpstreamRefusal',
      message: `Mapbox answered 401 to ${purpose}: Not Authorized - Invalid Token`,
    });
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('pk.wrong');
  });

  it('does not pass on a token that Mapbox repeats', async () => {
    await order({
      match: '/*',
      status: 401,
      body: JSON.stringify({ message: `Token ${TOKEN} is suspended` }),
    });
    expect(await call()).toMatchObject({
      message: `Mapbox answered 401 to ${purpose}: Token *** is suspended`,
    });
  });

  it.each([403, 410, 422])('ends for good on %i', async (status) => {
    await order({ match: '/*', status });
    expect(await call()).toMatchObject({
      name: 'UpstreamRefusal',
      message: expect.stringContaining(`${status}`),
    });
  });

  it('waits as long as a 429 says, in seconds or until a date', async () => {
    const now = () => new Date('2026-11-20T10:00:00Z');
    await order({ match: '/*', status: 429, headers: { 'Retry-After': '42' } });
    expect(await call({ now })).toMatchObject({ name: 'RetryAfter', seconds: 42 });
    await order({ match: '/*', status: 429, headers: { 'Retry-After': 'Fri, 20 Nov 2026 10:01:30 GMT' } });
    expect(await call({ now })).toMatchObject({
      name: 'RetryAfter',
      seconds: 90,
      message: `Mapbox answered 429 to ${purpose}: Too Many Requests`,
    });
  });

  it.each([429, 500, 503])('retries %i by the task’s backoff, and is well again', async (status) => {
    await order({ match: '/*', status });
    expect(await call()).toMatchObject({ name: 'UpstreamError', upstream: 'Mapbox', status });
    expect(await client()[method](paris, never)).toBeTruthy();
  });

  it('retries a connection that was cut', async () => {
    await order({ match: '/*', drop: true });
    expect(await call()).toMatchObject({ name: 'UpstreamError', status: null, cause: expect.any(Error) });
  });

  it('retries when there is no answer in time', async () => {
    await order({ match: '/*', delay_ms: 60_000 });
    expect(await call({ timeoutMs: 60 })).toMatchObject({
      name: 'UpstreamError',
      message: `Mapbox did not answer ${purpose} within 0.06 s`,
    });
  });

  it('stops at once with the signal’s reason', async () => {
    await order({ match: '/*', delay_ms: 60_000 });
    const stopping = new AbortController();
    const failed = call({}, stopping.signal);
    await vi.waitFor(async () => expect(await requests()).toHaveLength(1));
    const reason = new Error('SoftTimeLimitExceeded');
    stopping.abort(reason);
    expect(await failed).toBe(reason);
  });

  it('asks neither Mapbox nor for the token once aborted', async () => {
    const token = vi.fn(() => TOKEN);
    const reason = new Error('cancelled');
    expect(await call({ token }, AbortSignal.abort(reason))).toBe(reason);
    expect(token).not.toHaveBeenCalled();
    expect(await requests()).toEqual([]);
  });
});

it('retries an address of an unexpected shape, naming the field', async () => {
  await order({
    match: '/search/*',
    status: 200,
    body: '{"features":[{"properties":{"context":{"place":"Paris"}}}]}',
  });
  expect(await failure(client().reverseGeocode(paris, never))).toMatchObject({
    name: 'UpstreamError',
    message: expect.stringContaining('at "features.0.properties.context.place"'),
  });
});
