import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { taskContext } from '#functions/runtime/fixtures/task-context.ts';
import { createPipelineTable } from '#shared/contracts/create-pipeline-table.ts';
import { emulatedDynamoDb } from '#shared/contracts/emulator-clients.ts';
import { PermanentError, RetryAfter } from '#shared/tasks/task-errors.ts';
import { startMapbox } from '#tools/upstreams/mapbox/start-mapbox.ts';
import type { RunningUpstream } from '#tools/upstreams/start-upstream.ts';
import { enrichLocation } from './enrich-location-data.ts';
import type { Location } from './location.ts';
import { createLocationStore, type LocationStore } from './location-store.ts';
import { createMapboxClient } from './mapbox-client.ts';

const token = 'pk.test';
const denver: Location = {
  id: 'denver',
  tenant: 'acme',
  name: 'Depot',
  latitude: 39.739236,
  longitude: -104.984862,
  elevation: null,
  elevationSource: null,
  address: null,
  createdAt: 1,
  updatedAt: 1,
  revision: 1,
};
const denverAddress = {
  formatted_address: 'Denver, Colorado, United States',
  locality: 'Denver',
  administrative_area: 'Colorado',
  country: 'United States',
};
const geocoding = '/search/geocode/v6/reverse';
const tiles = '/v4/*';

let upstream: RunningUpstream;
let locations: LocationStore;
let told: [number, string][];

beforeAll(async () => {
  upstream = await startMapbox({ token });
});
afterAll(() => upstream.stop());
beforeEach(async () => {
  const client = emulatedDynamoDb();
  locations = createLocationStore(client, await createPipelineTable(client));
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

function enrich(store: LocationStore = locations, signal = new AbortController().signal): Promise<unknown> {
  const mapbox = createMapboxClient({ baseUrl: upstream.url, token: () => token, permanent: true });
  const context = taskContext({
    signal,
    progress: (percent, status) => {
      told.push([percent, status]);
    },
  });
  const task = enrichLocation({ locations: store, mapbox, clock: { now: () => 1000 } });
  return task.run({ location_id: 'denver' }, context);
}

/** Somebody else changes the location after it was read for the enrichment. */
function changedMeanwhile(change: Partial<Location> | null): LocationStore {
  let changed = false;
  return {
    ...locations,
    async read(id) {
      const read = await locations.read(id);
      if (read !== null && !changed) {
        changed = true;
        if (change !== null) await locations.save({ ...read, ...change, revision: read.revision + 1 });
      }
      return read;
    },
    async save(next) {
      return change === null ? false : locations.save(next);
    },
  };
}

describe('enrich_location_data', () => {
  it('stores address and elevation, telling how far it is', async () => {
    await locations.create(denver);
    const result = await enrich();
    const kept = await locations.read('denver');
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
    await locations.create({ ...denver, elevation: 0, elevationSource: 'given' });
    expect(await enrich()).toMatchObject({ enriched_fields: ['address'], elevation: 0 });
    expect(await asked()).toEqual(['address']);
    expect(await locations.read('denver')).toMatchObject({ elevation: 0, elevationSource: 'given' });
  });

  it.each([
    [tiles, { address: denverAddress, elevation: null, elevationSource: null }, 'elevation'],
    [geocoding, { address: null, elevation: expect.any(Number), elevationSource: 'mapbox' }, 'address'],
  ])(
    'keeps the one answer when %s fails, fails, and asks only for the other next time',
    async (match, kept, missing) => {
      await locations.create(denver);
      await order({ match, status: 503 });
      await expect(enrich()).rejects.toMatchObject({ name: 'UpstreamError' });
      expect(await locations.read('denver')).toMatchObject({ ...kept, revision: 2 });

      await fetch(`${upstream.url}/__requests`, { method: 'DELETE' });
      expect(await enrich()).toMatchObject({ status: 'success', enriched_fields: ['address', 'elevation'] });
      expect(await asked()).toEqual([missing]);
      expect(await locations.read('denver')).toMatchObject({ address: denverAddress, revision: 3 });
    },
  );

  it('writes nothing when Mapbox gives nothing', async () => {
    await locations.create(denver);
    await order({ match: '/*', status: 503, times: 2 });
    await expect(enrich()).rejects.toMatchObject({ name: 'UpstreamError' });
    expect(await locations.read('denver')).toEqual(denver);
  });

  it('is tried again as long as one of two failures may pass, after the time that Mapbox asks for', async () => {
    await locations.create(denver);
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
    await locations.create(denver);
    const first = await enrich();
    const kept = await locations.read('denver');
    expect(await enrich()).toEqual(first);
    expect(await locations.read('denver')).toEqual(kept);
    expect(await asked()).toEqual(['address', 'elevation']);
  });

  it('succeeds without an address where there is none', async () => {
    await locations.create({ ...denver, latitude: 0, longitude: -30 });
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
    await locations.create({ ...denver, tenant: 'other' });
    await expect(enrich()).rejects.toMatchObject({ name: 'LocationNotFound' });
    expect(await asked()).toEqual([]);
  });

  it('is skipped when the location was moved meanwhile', async () => {
    await locations.create(denver);
    const moved = { latitude: 48.856697, longitude: 2.351462 };
    expect(await enrich(changedMeanwhile(moved))).toEqual({
      status: 'skipped',
      location_id: 'denver',
      location_name: 'Depot',
      enriched_fields: [],
      formatted_address: null,
      elevation: null,
      reason: 'the location was moved meanwhile',
    });
    expect(await locations.read('denver')).toMatchObject({
      ...moved,
      address: null,
      elevation: null,
      revision: 2,
    });
  });

  it('adds to any other change, and lets an elevation given meanwhile stand', async () => {
    await locations.create(denver);
    const change = { name: 'Renamed', elevation: 12, elevationSource: 'given' } as const;
    expect(await enrich(changedMeanwhile(change))).toMatchObject({
      status: 'success',
      location_name: 'Renamed',
      enriched_fields: ['address'],
      elevation: 12,
    });
    expect(await locations.read('denver')).toMatchObject({ ...change, address: denverAddress, revision: 3 });
  });

  it('gives up, to be tried again, when every save meets a change', async () => {
    await locations.create(denver);
    const error = await enrich(changedMeanwhile(null)).catch((thrown: unknown) => thrown);
    expect(error).not.toBeInstanceOf(PermanentError);
    expect(error).toMatchObject({ message: expect.stringContaining('at each of 5 tries') });
  });

  it('stops asking when its time is up', async () => {
    await locations.create(denver);
    const abort = new AbortController();
    await order({ match: '/*', delay_ms: 60_000, times: 2 });
    const reason = new Error('the soft time limit has passed');
    const running = enrich(locations, abort.signal);
    abort.abort(reason);
    await expect(running).rejects.toBe(reason);
  });
});
