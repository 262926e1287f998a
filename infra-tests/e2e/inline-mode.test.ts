import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ask, readTask, taskUntil } from './api-calls.ts';
import type { LaptopPowers } from './laptop-powers.ts';
import { type LaptopTarget, startLaptopTarget } from './laptop-target.ts';
import { askedAbout, orderTileFault } from './mapbox-stand-in.ts';
import { anId, aTime } from './shapes.ts';
import type { Target } from './target.ts';

let laptop: LaptopTarget;
let target: Target;
let powers: LaptopPowers;
beforeAll(async () => {
  laptop = await startLaptopTarget({ context: { executionMode: 'inline' } });
  ({ target, powers } = laptop);
});
afterAll(() => laptop.stop());

const location = z.looseObject({ id: z.string(), task_id: z.string() });
const create = (place: object) => ask(target, 'POST', '/api/v1/locations', { json: place });

describe('in inline mode', () => {
  it('a submission answers 200 once the work is done, and no message was sent', async () => {
    await powers.pause('default');
    const json = { task: 'test_celery', input: { message: 'hello' } };
    const answer = await ask(target, 'POST', '/api/v1/tasks', { json });
    expect(answer).toMatchObject({ status: 200, body: { task_id: anId, state: 'SUCCESS' } });
    expect(answer.headers.get('location')).toMatch(/^\/api\/v1\/tasks\//);
    const { task_id } = z.looseObject({ task_id: z.string() }).parse(answer.body);
    const record = await readTask(target, task_id);
    expect(record).toMatchObject({ state: 'SUCCESS', attempts: 1, result: { message: expect.any(String) } });
    expect(record.timeline.map(({ state }) => state)).toEqual(['PENDING', 'STARTED', 'SUCCESS']);
    expect(await powers.countMessages('default')).toBe(0);
    await powers.resume('default');
  });

  it('a priority task is run by the same worker', async () => {
    const json = { task: 'test_celery', input: { message: 'hello' }, priority: 'high' };
    expect(await ask(target, 'POST', '/api/v1/tasks', { json })).toMatchObject({
      status: 200,
      body: { state: 'SUCCESS' },
    });
  });

  it('a location answers enriched, and so does a changed one', async () => {
    const created = await create({ name: 'Notre-Dame', latitude: 48.852968, longitude: 2.349902 });
    expect(created).toMatchObject({
      status: 201,
      body: {
        formatted_address: 'Paris, Île-de-France, France',
        elevation: expect.any(Number),
        updated_at: aTime,
        task_id: anId,
      },
    });
    const { id, task_id } = location.parse(created.body);
    expect(await readTask(target, task_id)).toMatchObject({ state: 'SUCCESS' });

    const moved = { latitude: 39.739236, longitude: -104.984862 };
    expect(await ask(target, 'PATCH', `/api/v1/locations/${id}`, { json: moved })).toMatchObject({
      status: 200,
      body: { ...moved, locality: 'Denver', task_id: anId },
    });
  });

  it('a location whose enrichment is to be tried again is answered as it is; the reconciler does the rest', async () => {
    const place = { name: 'London', latitude: 51.507446, longitude: -0.127765 };
    await orderTileFault(target, place, { status: 503 });
    const created = await create(place);
    expect(created).toMatchObject({ status: 201, body: { elevation: null, task_id: anId } });
    const { id, task_id } = location.parse(created.body);
    expect(await readTask(target, task_id)).toMatchObject({ state: 'RETRY', attempts: 1 });
    expect(await powers.storedRecord(task_id)).toMatchObject({ wokenBy: 'reconciler' });
    expect(await powers.countMessages('default')).toBe(0);

    await target.passTime(121);
    await taskUntil(target, task_id, ({ state }) => expect(state).toBe('SUCCESS'));
    expect(await askedAbout(target, place)).toEqual({ address: [200], elevation: [503, 200] });
    expect((await ask(target, 'GET', `/api/v1/locations/${id}`)).body).toMatchObject({
      elevation: expect.any(Number),
    });
  });

  it('a worker that dies leaves the submission accepted, and the task to the reconciler', async () => {
    const place = { name: 'New York', latitude: 40.712749, longitude: -74.005994 };
    await orderTileFault(target, place, { delay_ms: 5000 });
    const asked = create(place);
    await expect
      .poll(async () => (await askedAbout(target, place)).elevation, { timeout: 10_000 })
      .toEqual([null]);
    expect(await powers.killWorkers()).toBeGreaterThan(0);
    const answer = await asked;
    expect(answer).toMatchObject({ status: 201, body: { elevation: null, task_id: anId } });
    const { task_id } = location.parse(answer.body);
    expect(await readTask(target, task_id)).toMatchObject({ state: 'PROGRESS' });

    await target.passTime(180);
    await taskUntil(target, task_id, ({ state }) => expect(state).toBe('SUCCESS'));
    expect(await powers.logged('task accepted, its worker could not be run; it will be later')).toMatchObject(
      [{ task_id, level: 'WARN' }],
    );
  });

  it('health knows of no queue to look after', async () => {
    expect(await ask(target, 'GET', '/health', { token: null })).toMatchObject({
      status: 200,
      body: { status: 'healthy', checks: { database: 'ok', cache: 'ok', celery: 'disabled' } },
    });
  });
});
