import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { taskContext } from '#functions/runtime/fixtures/task-context.ts';
import { PermanentError, RetryAfter } from '#shared/tasks/task-errors.ts';
import { startMapbox } from '#tools/upstreams/mapbox/start-mapbox.ts';
import type { RunningUpstream } from '#tools/upstreams/start-upstream.ts';
import { type EnrichmentPorts, enrichLocation } from './enrich-location-data.ts';
import {
  denver,
  denverAddress,
  type LocationWorld,
  openLocationWorld,
  paris,
} from './fixtures/location-world.ts';
import type { Location } from './location.ts';
import type { LocationStore } from './location-store.ts';
import { createMapboxClient } from './mapbox-client.ts';

const token = 'pk.test';
const geocoding = '/search/geocode/v6/reverse';
const tiles = '/v4/*';

let upstream: RunningUpstream;
let world: LocationWorld;
let told: [number, string][];

beforeAll(async () => {
  upstream = await startMapbox({ token });
});
afterAll(() => upstream.stop());
beforeEach(async () => {
  world = await openLocationWorld();
  told = [];
  await fetch(`${upstream.url}/__faults`, { method: 'DELETE' });
  await fetch(`${upstream.url}/__requests`, { method: 'DELETE' });
});

const requestLog = z.array(z.object({ path: z.string() }));

async function asked(): Promise<string[]> {
  const reply = await fetch(`${upstream.url}/__requests`);
  const requests = requestLog.parse(await reply.json());
  return requests.map(({ path }) => (path === geocoding ? 'address' : 'elevation')).sort();
}

async function order(fault: object): Promise<void> {
  const reply = await fetch(`${upstream.url}/__faults`, { method: 'POST', body: JSON.stringify(fault) });
  expect(reply.status).toBe(201);
}

const read = () => world.locations.read('acme', 'denver');

/** Runs a first attempt. */
function enrich(changes: { signal?: AbortSignal } & Partial<EnrichmentPorts> = {}): Promise<unknown> {
  const { signal = new AbortController().signal, ...ports } = changes;
  const context = taskContext({
    signal,
    progress: (percent, status) => {
      told.push([percent, status]);
    },
  });
  const task = enrichLocation({
    locations: world.locations,
    mapbox: createMapboxClient({ baseUrl: upstream.url, token: () => token, permanent: true }),
    clock: { now: () => 1000 },
    externalApisDisabled: false,
    ...ports,
  });
  return task.run({ location_id: 'denver' }, context);
}

/** Somebody else changes the location, or deletes it, after it was read for the enrichment. */
function meanwhile(change: Partial<Location> | 'deleted'): LocationStore {
  const { locations } = world;
  let changed = false;
  return {
    ...locations,
    async read(tenant, id) {
      const found = await locations.read(tenant, id);
      if (found !== null && !changed) {
        changed = true;
        if (change === 'deleted') await locations.remove(tenant, id);
        else await locations.save({ ...found, ...change, revision: found.revision + 1 });
      }
      return found;
    },
  };
}

describe('enrich_location_data', () => {
  it('stores address and elevation, telling how far it is', async () => {
    await world.keep(denver);
    const result = await enrich();
    const kept = await read();
    expect(kept).toEqual({
      ...denver,
      address: denverAddress,
      elevation: expect.any(Number),
      elevationSource: 'mapbox',
      updatedAt: 1000,
      revision: 2,
    });
    expect(result).toEqual({
      status: 'success',
      location_id: 'denver',
      location_name: 'Depot',
      enriched_fields: ['address', 'elevation'],
      formatted_address: denverAddress.formatted_address,
      elevation: kept?.elevation,
    });
    expect(told).toEqual([
      [0, 'Loading location'],
      [30, 'Asking Mapbox'],
      [90, 'Saving'],
    ]);
  });

  it('keeps a given elevation and does not ask for it', async () => {
    await world.keep({ ...denver, elevation: 0, elevationSource: 'given' });
    expect(await enrich()).toMatchObject({ enriched_fields: ['address'], elevation: 0 });
    expect(await asked()).toEqual(['address']);
    expect(await read()).toMatchObject({ elevation: 0, elevationSource: 'given' });
  });

  it.each([
    [tiles, { address: denverAddress, elevation: null, elevationSource: null }],
    [geocoding, { address: null, elevation: expect.any(Number), elevationSource: 'mapbox' }],
  ])('keeps the one answer when %s fails, and fails', async (match, kept) => {
    await world.keep(denver);
    await order({ match, status: 503 });
    await expect(enrich()).rejects.toMatchObject({ name: 'UpstreamError' });
    expect(await read()).toMatchObject({ ...kept, revision: 2 });
  });

  it('writes nothing when Mapbox gives nothing', async () => {
    await world.keep(denver);
    await order({ match: '/*', status: 503, times: 2 });
    await expect(enrich()).rejects.toMatchObject({ name: 'UpstreamError' });
    expect(await read()).toEqual(denver);
  });

  it('is tried again as long as one of two failures may pass, after the time that Mapbox asks for', async () => {
    await world.keep(denver);
    await order({ match: geocoding, status: 500 });
    await order({ match: tiles, status: 429, headers: { 'retry-after': '7' } });
    const error = await enrich().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RetryAfter);
    expect(error).toMatchObject({ seconds: 7 });

    await order({ match: geocoding, status: 401 });
    await order({ match: tiles, status: 500 });
    await expect(enrich()).rejects.toMatchObject({ name: 'UpstreamError' });

    await order({ match: '/*', status: 401, times: 2 });
    await expect(enrich()).rejects.toBeInstanceOf(PermanentError);
  });

  it('does nothing anew when it runs once more', async () => {
    await world.keep(denver);
    const first = await enrich();
    const kept = await read();
    expect(await enrich()).toEqual(first);
    expect(await read()).toEqual(kept);
    expect(await asked()).toEqual(['address', 'elevation']);
  });

  it('succeeds without an address where there is none', async () => {
    await world.keep({ ...denver, latitude: 0, longitude: -30 });
    expect(await enrich()).toMatchObject({
      status: 'success',
      enriched_fields: ['elevation'],
      formatted_address: null,
    });
  });

  it('fails for good as LocationNotFound when the location is gone', async () => {
    const error = await enrich().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PermanentError);
    expect(error).toMatchObject({ name: 'LocationNotFound', message: 'there is no location denver' });
    expect(await asked()).toEqual([]);
  });

  it("does not find another tenant's location", async () => {
    await world.keep({ ...denver, tenant: 'other' });
    await expect(enrich()).rejects.toMatchObject({ name: 'LocationNotFound' });
    expect(await asked()).toEqual([]);
  });

  const skipped = {
    status: 'skipped',
    location_id: 'denver',
    location_name: 'Depot',
    enriched_fields: [],
    formatted_address: null,
    elevation: null,
  };

  it('is superseded when the location was moved meanwhile', async () => {
    await world.keep(denver);
    expect(await enrich({ locations: meanwhile(paris) })).toEqual({ ...skipped, reason: 'superseded' });
    expect(await read()).toEqual({ ...denver, ...paris, revision: 2 });
  });

  it('is superseded when the location was deleted meanwhile', async () => {
    await world.keep(denver);
    expect(await enrich({ locations: meanwhile('deleted') })).toEqual({ ...skipped, reason: 'superseded' });
    expect(await read()).toBeNull();
  });

  it('asks nobody when external APIs are disabled', async () => {
    await world.keep(denver);
    expect(await enrich({ externalApisDisabled: true })).toEqual({
      ...skipped,
      reason: 'external APIs are disabled',
    });
    expect(await asked()).toEqual([]);
    expect(await read()).toEqual(denver);
  });

  it('adds to any other change, and lets an elevation given meanwhile stand', async () => {
    await world.keep(denver);
    const change = { name: 'Renamed', elevation: 12, elevationSource: 'given' } as const;
    expect(await enrich({ locations: meanwhile(change) })).toMatchObject({
      status: 'success',
      location_name: 'Renamed',
      enriched_fields: ['address'],
      elevation: 12,
    });
    expect(await read()).toMatchObject({ ...change, address: denverAddress, revision: 3 });
  });

  it('gives up, to be tried again, when every save meets a change', async () => {
    await world.keep(denver);
    const locations = { ...world.locations, save: async () => false };
    const error = await enrich({ locations }).catch((thrown: unknown) => thrown);
    expect(error).not.toBeInstanceOf(PermanentError);
    expect(error).toMatchObject({ message: expect.stringContaining('at each of 5 tries') });
  });

  it('stops asking when its time is up', async () => {
    await world.keep(denver);
    const abort = new AbortController();
    await order({ match: '/*', delay_ms: 60_000, times: 2 });
    const reason = new Error('the soft time limit has passed');
    const running = enrich({ signal: abort.signal });
    abort.abort(reason);
    await expect(running).rejects.toBe(reason);
  });
});
