import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createMemoryPorts, type MemoryPorts } from '#shared/memory/memory-ports.ts';
import { createMemoryWorker, type MemoryWorker } from '#shared/memory/memory-worker.ts';
import { readTask } from '#shared/pipeline/read-task.ts';
import { submit } from '#shared/pipeline/submit.ts';
import { startMapbox } from '#tools/upstreams/mapbox/start-mapbox.ts';
import type { RunningUpstream } from '#tools/upstreams/start-upstream.ts';
import { changeLocation } from './change-location.ts';
import { enrichLocation } from './enrich-location-data.ts';
import {
  denver,
  denverAddress,
  type LocationWorld,
  openLocationWorld,
  paris,
} from './fixtures/location-world.ts';
import type { LocationChange } from './location.ts';
import type { LocationStore } from './location-store.ts';
import { createMapboxClient } from './mapbox-client.ts';
import { enrichLocationData } from './specs.ts';

const geocoding = '/search/geocode/v6/reverse';
const tiles = '/v4/*';

let upstream: RunningUpstream;
let world: LocationWorld;
let ports: MemoryPorts;
let worker: MemoryWorker;
let taskId: string;

beforeAll(async () => {
  upstream = await startMapbox({ token: 'pk.test' });
});
afterAll(() => upstream.stop());
beforeEach(async () => {
  await fetch(`${upstream.url}/__faults`, { method: 'DELETE' });
  await forgetRequests();
  world = await openLocationWorld();
  await world.keep(denver);
  ports = createMemoryPorts();
  worker = workerOn(world.locations);
  const input = { location_id: 'denver' };
  const { record } = await submit(ports, { spec: enrichLocationData, input, tenant: 'acme' });
  taskId = record.taskId;
});

function workerOn(locations: LocationStore): MemoryWorker {
  const mapbox = createMapboxClient({ baseUrl: upstream.url, token: () => 'pk.test', permanent: true });
  const { clock } = ports;
  return createMemoryWorker(ports, [
    enrichLocation({ locations, mapbox, clock, externalApisDisabled: false }),
  ]);
}

async function fail(match: string, status = 503): Promise<void> {
  await fetch(`${upstream.url}/__faults`, { method: 'POST', body: JSON.stringify({ match, status }) });
}

async function forgetRequests(): Promise<void> {
  await fetch(`${upstream.url}/__requests`, { method: 'DELETE' });
}

const requestLog = z.array(z.object({ path: z.string() }));

async function asked(): Promise<string[]> {
  const reply = await fetch(`${upstream.url}/__requests`);
  const requests = requestLog.parse(await reply.json());
  return requests.map(({ path }) => (path === geocoding ? 'address' : 'elevation')).sort();
}

/** Runs the attempt that is due and tells how the task stands. */
async function attempt() {
  await forgetRequests();
  expect(await worker.poll()).toBe(1);
  expect(worker.faults).toEqual([]);
  const reading = await readTask(ports, { tenant: 'acme', taskId });
  return { state: reading?.record.state, reading, asked: await asked() };
}

const passMinute = () => ports.clock.advance(60_000);
const read = () => world.locations.read('acme', 'denver');

async function change(wished: LocationChange): Promise<void> {
  const current = await read();
  const changed = current && changeLocation(current, wished, 5);
  expect(changed && (await world.locations.save(changed.next))).toBe(true);
}

describe('a retry', () => {
  it.each([
    [tiles, 'elevation'],
    [geocoding, 'address'],
  ])('asks only for what is missing after %s failed', async (match, missing) => {
    await fail(match);
    expect(await attempt()).toMatchObject({ state: 'RETRY', asked: ['address', 'elevation'] });
    await passMinute();
    expect(await attempt()).toMatchObject({ state: 'SUCCESS', asked: [missing] });
    expect(await read()).toMatchObject({ address: denverAddress, elevationSource: 'mapbox', revision: 3 });
  });

  it('asks for nothing again that was answered before the location could be saved', async () => {
    worker = workerOn({ ...world.locations, save: async () => Promise.reject(new Error('no table')) });
    expect(await attempt()).toMatchObject({ state: 'RETRY', asked: ['address', 'elevation'] });
    expect(await read()).toEqual(denver);
    await passMinute();
    worker = workerOn(world.locations);
    expect(await attempt()).toMatchObject({ state: 'SUCCESS', asked: [] });
    expect(await read()).toMatchObject({ address: denverAddress, elevationSource: 'mapbox', revision: 2 });
  });

  it('does not ask again where Mapbox knows no address', async () => {
    await change({ latitude: 0, longitude: -30 });
    await fail(tiles);
    expect(await attempt()).toMatchObject({ state: 'RETRY' });
    await passMinute();
    expect(await attempt()).toMatchObject({ state: 'SUCCESS', asked: ['elevation'] });
  });

  it('asks for an elevation that was forgotten meanwhile', async () => {
    await change({ elevation: 12 });
    await fail(geocoding);
    expect(await attempt()).toMatchObject({ state: 'RETRY', asked: ['address'] });
    await change({ elevation: null });
    await passMinute();
    expect(await attempt()).toMatchObject({ state: 'SUCCESS', asked: ['address', 'elevation'] });
    expect(await read()).toMatchObject({ address: denverAddress, elevationSource: 'mapbox' });
  });

  it('is superseded once the location was moved: nothing that was recorded is put on the new place', async () => {
    worker = workerOn({ ...world.locations, save: async () => Promise.reject(new Error('no table')) });
    await attempt();
    await change(paris);
    const moved = await read();
    await passMinute();
    worker = workerOn(world.locations);
    const { reading } = await attempt();
    expect(reading).toMatchObject({
      record: { state: 'SUCCESS' },
      result: { status: 'skipped', reason: 'superseded' },
    });
    expect(await read()).toEqual(moved);
  });

  it('is superseded although it lacks another half than the attempt before', async () => {
    await world.locations.save({ ...denver, address: denverAddress, revision: 2 });
    worker = workerOn({ ...world.locations, save: async () => Promise.reject(new Error('no table')) });
    expect(await attempt()).toMatchObject({ state: 'RETRY', asked: ['elevation'] });
    await change({ ...paris, elevation: 35 });
    await passMinute();
    worker = workerOn(world.locations);
    const { reading } = await attempt();
    expect(reading).toMatchObject({ result: { status: 'skipped', reason: 'superseded' } });
  });

  it('is superseded, and fails no more, when it got the other half at the new place', async () => {
    await fail(tiles);
    await attempt();
    await change(paris);
    const moved = await read();
    await fail(tiles);
    await passMinute();
    const { reading } = await attempt();
    expect(reading).toMatchObject({ result: { status: 'skipped', reason: 'superseded' } });
    expect(await read()).toEqual(moved);
  });

  it('ends the task for good when the location is gone', async () => {
    await fail('/*');
    await attempt();
    await world.locations.remove('acme', 'denver');
    await passMinute();
    const { reading } = await attempt();
    expect(reading?.record).toMatchObject({
      state: 'FAILURE',
      deadLetter: 'none',
      error: { type: 'LocationNotFound' },
    });
  });
});
