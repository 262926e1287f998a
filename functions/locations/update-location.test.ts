import { beforeEach, describe, expect, it } from 'vitest';
import { identified, type LocationApi, locationsPath, startLocationApi } from './fixtures/location-api.ts';
import {
  denver,
  denverAddress,
  enriched,
  given,
  type LocationWorld,
  openLocationWorld,
  paris,
} from './fixtures/location-world.ts';
import type { LocationStore } from './location-store.ts';

let world: LocationWorld;
let api: LocationApi;
beforeEach(async () => {
  world = await openLocationWorld();
  api = startLocationApi(world);
});

const patch = (id: string, body: unknown, token = 'acme:submit') =>
  api.call({ method: 'PATCH', path: `${locationsPath}/${id}`, token, body });
const kept = () => world.locations.read('acme', 'denver');

describe('PATCH', () => {
  it('of the place forgets what Mapbox told of the old one, and commits the new one together with its task', async () => {
    await world.keep(enriched);
    const { status, body } = await patch('denver', paris);
    const { task_id } = identified.parse(body);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...paris,
      name: 'Depot',
      elevation: null,
      formatted_address: null,
      country: null,
    });
    expect(await world.tasks()).toMatchObject([{ taskId: task_id, task: 'enrich_location_data' }]);
    expect(world.queue.depth('default').visible).toBe(1);
    expect(await kept()).toEqual({ ...denver, ...paris, updatedAt: world.clock.now(), revision: 2 });
  });

  it('of one coordinate keeps a given elevation', async () => {
    await world.keep(given);
    expect((await patch('denver', { latitude: 40 })).body).toMatchObject({
      elevation: 12,
      formatted_address: null,
    });
    expect(await kept()).toMatchObject({
      latitude: 40,
      longitude: denver.longitude,
      elevationSource: 'given',
    });
  });

  it('of the elevation to null forgets the given one, so that enrichment fills it', async () => {
    await world.keep(given);
    const { body } = await patch('denver', { elevation: null });
    expect(body).toMatchObject({ elevation: null, formatted_address: denverAddress.formatted_address });
    expect(await world.tasks()).toMatchObject([{ taskId: identified.parse(body).task_id }]);
  });

  it('of the name alone queues nothing', async () => {
    await world.keep(enriched);
    const { body } = await patch('denver', { name: '<b>Yard</b>' });
    expect(body).toMatchObject({ name: 'Yard', ...denverAddress, elevation: 1609.3, task_id: null });
    expect(await kept()).toMatchObject({ name: 'Yard', revision: 2 });
    expect(await world.tasks()).toEqual([]);
  });

  it('to what it is already changes and queues nothing', async () => {
    await world.keep(given);
    const { latitude, longitude } = denver;
    const { status, body } = await patch('denver', { name: 'Depot', latitude, longitude, elevation: 12 });
    expect({ status, body }).toMatchObject({ status: 200, body: { task_id: null } });
    expect(await kept()).toEqual(given);
    expect(await world.tasks()).toEqual([]);
  });

  it.each([
    ['nothing', {}, ['']],
    ['unknown fields', { name: 'x', country: 'y', id: 'z' }, ['country', 'id']],
    [
      'wrong values',
      { latitude: -91, longitude: null, elevation: '1', name: '' },
      ['name', 'latitude', 'longitude', 'elevation'],
    ],
    ['an array', [], ['']],
  ])('refuses %s', async (_, body, paths) => {
    await world.keep(denver);
    const refused = await patch('denver', body);
    expect(refused).toMatchObject({ status: 422, body: { errors: paths.map((field) => ({ path: field })) } });
    expect(await kept()).toEqual(denver);
  });

  it("knows neither a location that is not there nor another tenant's", async () => {
    await world.keep(denver);
    expect(await patch('none', paris)).toMatchObject({
      status: 404,
      body: { detail: 'there is no location none' },
    });
    expect((await patch('denver', paris, 'other:admin')).status).toBe(404);
    expect(await kept()).toEqual(denver);
  });

  it.each([
    ['together with a task', paris, 1],
    ['alone', { name: 'Yard' }, 0],
  ])('is decided anew when others change the location first: %s', async (_, wished, queued) => {
    await world.keep(denver);
    api = startLocationApi(world, contested(1));
    expect(await patch('denver', wished)).toMatchObject({ status: 200, body: wished });
    expect(await kept()).toMatchObject({ ...wished, elevation: 1, revision: 3 });
    expect(await world.tasks()).toHaveLength(queued);
  });

  it.each([paris, { name: 'Yard' }])(
    'gives up with 409, and commits nothing, when others always are first: %o',
    async (wished) => {
      await world.keep(denver);
      api = startLocationApi(world, contested(Number.POSITIVE_INFINITY));
      const refused = await patch('denver', wished);
      expect(refused).toMatchObject({ status: 409, headers: { 'retry-after': '1' } });
      expect(await kept()).toMatchObject({ name: 'Depot', latitude: denver.latitude, revision: 6 });
      expect(await world.tasks()).toEqual([]);
    },
  );

  it('is 404 when the location is deleted while it is decided', async () => {
    await world.keep(denver);
    for (const wished of [paris, { name: 'Yard' }]) {
      api = startLocationApi(world, {
        ...world.locations,
        async read(tenant, id) {
          const found = await world.locations.read(tenant, id);
          await world.locations.remove(tenant, id);
          return found;
        },
      });
      expect((await patch('denver', wished)).status).toBe(404);
      expect(await kept()).toBeNull();
    }
    expect(await world.tasks()).toEqual([]);
  });
});

/** A store in which somebody gives another elevation after each of the next reads. */
function contested(times: number): LocationStore {
  let left = times;
  return {
    ...world.locations,
    async read(tenant, id) {
      const found = await world.locations.read(tenant, id);
      if (found && left-- > 0) {
        const { revision } = found;
        await world.locations.save({
          ...found,
          elevation: revision,
          elevationSource: 'given',
          revision: revision + 1,
        });
      }
      return found;
    },
  };
}
