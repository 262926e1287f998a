import { beforeEach, describe, expect, it } from 'vitest';
import { startApi } from './api-harness.ts';

let api: Awaited<ReturnType<typeof startApi>>;
let token: string;
beforeEach(async () => {
  api = await startApi();
  token = api.token(['read', 'submit']);
});

const denver = { name: 'Denver', latitude: 39.739236, longitude: -104.984862 };
const create = (body: unknown) => api.call({ method: 'POST', path: '/api/v1/locations', token, body });
const read = (id: unknown, as = token) => api.call({ path: `/api/v1/locations/${id}`, token: as });

describe('POST /api/v1/locations', () => {
  it('stores the location and queues its enrichment', async () => {
    const created = await create({ ...denver, name: ' <b>Denver</b>\n' });
    const [record] = api.ports.store.records();
    const { id } = created.body;
    expect(created).toMatchObject({ status: 201, headers: { location: `/api/v1/locations/${id}` } });
    expect(created.body).toEqual({
      ...denver,
      id: expect.any(String),
      elevation: null,
      formatted_address: null,
      locality: null,
      administrative_area: null,
      country: null,
      created_at: '2026-01-01T00:00:00.000Z',
      updated_at: '2026-01-01T00:00:00.000Z',
      task_id: record?.taskId,
    });
    expect(record).toMatchObject({
      ...{ task: 'enrich_location_data', tenant: 'acme', state: 'PENDING' },
      input: { kind: 'inline', json: JSON.stringify({ location_id: id }) },
    });
    expect(api.ports.queue.depth('default').visible).toBe(1);
    expect(await api.locations.read(String(id))).toMatchObject({ name: 'Denver', elevationSource: null });
  });

  it('keeps a given elevation as given, zero included', async () => {
    for (const elevation of [0, -430.5]) {
      const { body } = await create({ ...denver, elevation });
      expect(body).toMatchObject({ elevation });
      expect(await api.locations.read(String(body['id']))).toMatchObject({
        elevation,
        elevationSource: 'given',
      });
    }
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
    expect(refused.body['errors']).toEqual(paths.map((path) => ({ path, message: expect.any(String) })));
    expect(api.ports.store.records()).toEqual([]);
  });

  it('answers 201 although the message could not be sent', async () => {
    api.ports.queue.send = async () => Promise.reject(new Error('queue down'));
    const created = await create(denver);
    expect(created.status).toBe(201);
    expect(api.lines).toContainEqual({
      level: 'warn',
      message: 'enrichment accepted, its message will be sent later',
      fields: expect.objectContaining({ task_id: created.body['task_id'] }),
    });
  });
});

describe('GET /api/v1/locations/{location_id}', () => {
  it('shows what is known now', async () => {
    const { body: created } = await create(denver);
    const { body } = await read(created['id']);
    expect(body).toEqual({ ...created, task_id: null });

    const kept = await api.locations.read(String(created['id']));
    const address = {
      formatted_address: 'Denver, Colorado, United States',
      locality: 'Denver',
      administrative_area: 'Colorado',
      country: 'United States',
    };
    if (kept) await api.locations.save({ ...kept, address, elevation: 1609.3, revision: 2 });
    expect((await read(created['id'])).body).toMatchObject({ ...address, elevation: 1609.3 });
  });

  it("knows neither a location that is not there nor another tenant's", async () => {
    const { body } = await create(denver);
    expect(await read('none')).toMatchObject({ status: 404, body: { detail: 'there is no location none' } });
    expect((await read(body['id'], api.token(['admin'], 'other'))).status).toBe(404);
  });
});
