import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createSubmitTask } from '#functions/runtime/submit-task.ts';
import { identified, type LocationApi, locationsPath, startLocationApi } from './fixtures/location-api.ts';
import {
  denver,
  denverAddress,
  enriched,
  type LocationWorld,
  openLocationWorld,
} from './fixtures/location-world.ts';

let world: LocationWorld;
let api: LocationApi;
beforeEach(async () => {
  world = await openLocationWorld();
  api = startLocationApi(world);
});

const path = locationsPath;
const place = { name: 'Denver', latitude: denver.latitude, longitude: denver.longitude };
const create = (body: unknown, token = 'acme:submit') => api.call({ method: 'POST', path, token, body });
const remove = (id: string, token = 'acme:submit') =>
  api.call({ method: 'DELETE', path: `${path}/${id}`, token });
const read = (id: string, token = 'acme:read') => api.call({ path: `${path}/${id}`, token });
const list = (query = '', token = 'acme:read') => api.call({ path: `${path}${query}`, token });
const kept = (id = 'denver') => world.locations.read('acme', id);

describe('POST', () => {
  it('stores the location together with its task, and sends its message', async () => {
    const { status, headers, body } = await create({ ...place, name: ' <b>Denver</b>\n' });
    const { id, task_id } = identified.parse(body);
    expect({ status, headers }).toMatchObject({ status: 201, headers: { location: `${path}/${id}` } });
    expect(body).toEqual({
      ...place,
      id,
      elevation: null,
      formatted_address: null,
      locality: null,
      administrative_area: null,
      country: null,
      created_at: '2026-01-01T00:00:00.000Z',
      updated_at: '2026-01-01T00:00:00.000Z',
      task_id,
    });
    const input = { kind: 'inline', json: JSON.stringify({ location_id: id }) };
    expect(await world.tasks()).toMatchObject([
      { taskId: task_id, task: 'enrich_location_data', state: 'PENDING', input },
    ]);
    expect(world.queue.depth('default').visible).toBe(1);
    expect(await kept(id)).toMatchObject({ name: 'Denver', elevationSource: null });
  });

  it('keeps a given elevation as given, zero included', async () => {
    for (const elevation of [0, -430.5]) {
      const { body } = await create({ ...place, elevation });
      expect(body).toMatchObject({ elevation });
      expect(await kept(identified.parse(body).id)).toMatchObject({ elevation, elevationSource: 'given' });
    }
  });

  it('keeps numbers too near to zero for DynamoDB as zero', async () => {
    const { status, body } = await create({
      name: 'Null Island',
      latitude: 1e-200,
      longitude: -0,
      elevation: -1e-140,
    });
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { latitude: 0, longitude: 0, elevation: 0 },
    });
  });

  it('names every wrong field, and stores nothing', async () => {
    const refused = await create({
      name: '<i></i>',
      latitude: 91,
      longitude: '1',
      elevation: 9001,
      country: 'x',
    });
    const paths = ['name', 'latitude', 'longitude', 'elevation', 'country'];
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ errors: paths.map((field) => ({ path: field })) });
    expect(await world.tasks()).toEqual([]);
    expect((await list()).body).toEqual({ items: [], next_cursor: null });
  });

  it('stores neither when one cannot be stored', async () => {
    await world.keep({ ...denver, id: 'id-000001' });
    expect((await create(place)).status).toBe(500);
    expect(await kept('id-000001')).toMatchObject({ name: 'Depot' });
    expect(await world.tasks()).toEqual([]);
  });

  it('answers what enrichment made of it when the task has ended already', async () => {
    api = startLocationApi(world, world.locations, async (submission, scene) => {
      const accepted = await createSubmitTask(world.ports)(submission, scene);
      const [{ id = '' } = {}] = (await world.locations.list({ tenant: 'acme', limit: 1 })).items;
      await world.locations.save({ ...enriched, id, revision: 2 });
      return { ...accepted, finished: true };
    });
    const { body } = await create(place);
    expect(body).toMatchObject({ elevation: 1609.3, ...denverAddress, task_id: expect.any(String) });
  });

  it('answers 201 although the message could not be sent', async () => {
    world.queue.send = async () => Promise.reject(new Error('queue down'));
    const { status, body } = await create(place);
    expect(status).toBe(201);
    const { task_id } = identified.parse(body);
    const warning = api.lines.find(({ level }) => level === 'warn');
    expect(warning).toMatchObject({ message: expect.stringContaining('sent later'), fields: { task_id } });
  });
});

describe('GET one', () => {
  it('shows what is known now', async () => {
    await world.keep(enriched);
    const { body } = await read('denver');
    expect(body).toMatchObject({ id: 'denver', ...denverAddress, elevation: 1609.3, task_id: null });
  });

  it("knows neither a location that is not there nor another tenant's", async () => {
    await world.keep(denver);
    expect(await read('none')).toMatchObject({ status: 404, body: { detail: 'there is no location none' } });
    expect((await read('denver', 'other:admin')).status).toBe(404);
  });
});

describe('DELETE', () => {
  it('answers 204 without body or type, and the location is gone', async () => {
    await world.keep(denver);
    const { status, headers, body } = await remove('denver');
    expect({ status, body }).toEqual({ status: 204, body: undefined });
    expect(headers).toEqual({ 'cache-control': 'no-store', 'x-correlation-id': 'request-1' });
    expect((await read('denver')).status).toBe(404);
  });

  it("is 404 the second time, for what never was, and for another tenant's", async () => {
    await world.keep(denver);
    expect((await remove('denver', 'other:admin')).status).toBe(404);
    expect((await remove('denver')).status).toBe(204);
    expect(await remove('denver')).toMatchObject({
      status: 404,
      body: { detail: 'there is no location denver' },
    });
    expect((await remove('none')).status).toBe(404);
  });
});

describe('GET all', () => {
  const page = z.object({ items: z.array(z.object({ id: z.string() })), next_cursor: z.string().nullable() });

  it("lists the tenant's own, newest first, page by page", async () => {
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c'])
      ids.unshift(identified.parse((await create({ ...place, name })).body).id);
    await create(place, 'other:submit');
    const first = page.parse((await list('?limit=2')).body);
    const second = page.parse((await list(`?limit=2&cursor=${first.next_cursor}`)).body);
    expect([first.items.map(({ id }) => id), second.items.map(({ id }) => id)]).toEqual([
      ids.slice(0, 2),
      ids.slice(2),
    ]);
    expect(second.next_cursor).toBeNull();
    expect((await list('', 'nobody:read')).body).toEqual({ items: [], next_cursor: null });
  });

  it('shows each as it is shown alone', async () => {
    await world.keep(enriched);
    expect((await list()).body).toEqual({ items: [(await read('denver')).body], next_cursor: null });
  });

  it('has 50 on a page when nothing is said', async () => {
    for (let id = 100; id < 151; id++) await world.keep({ ...denver, id: String(id) });
    const { items, next_cursor } = page.parse((await list()).body);
    expect(items.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, index) => String(150 - index)));
    expect(next_cursor).toEqual(expect.any(String));
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=x', 'limit'],
    ['limit=1.5', 'limit'],
    ['cursor=x', 'cursor'],
    ['tenant=other', 'tenant'],
  ])('refuses ?%s', async (query, field) => {
    expect(await list(`?${query}`)).toMatchObject({ status: 422, body: { errors: [{ path: field }] } });
  });
});

it.each([
  ['POST', path, 'read'],
  ['PATCH', `${path}/denver`, 'read'],
  ['DELETE', `${path}/denver`, 'read'],
  ['GET', path, 'submit'],
])('%s %s is not for a token that may only %s', async (method, at, scope) => {
  await world.keep(denver);
  expect((await api.call({ method, path: at, token: `acme:${scope}`, body: {} })).status).toBe(403);
  expect(await kept()).toEqual(denver);
});
