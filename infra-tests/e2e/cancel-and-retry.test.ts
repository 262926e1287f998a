import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ask, createLocation, readTask, submitTask, taskUntil } from './api-calls.ts';
import type { CloudPowers } from './cloud-powers.ts';
import { askedAbout, orderTileFault } from './mapbox-stand-in.ts';
import { type OpenTarget, openTarget } from './open-target.ts';
import { aTime } from './shapes.ts';
import type { Target } from './target.ts';

let opened: OpenTarget;
let target: Target;
let powers: CloudPowers;
beforeAll(async () => {
  opened = await openTarget();
  ({ target, powers } = opened);
});
afterAll(() => opened.stop());

const hello = { task: 'test_celery', input: { message: 'hello' } };
const cancel = (taskId: string) => ask(target, 'POST', `/api/v1/tasks/${taskId}/cancel`);
const retry = (taskId: string, json?: unknown) =>
  ask(target, 'POST', `/api/v1/tasks/${taskId}/retry`, json === undefined ? {} : { json });
const until = (taskId: string, state: string) =>
  taskUntil(target, taskId, (record) => expect(record).toMatchObject({ state }));

const requested = (taskId: string) => ({
  status: 200,
  body: { task_id: taskId, status: 'CANCELLED', message: 'Task cancellation requested' },
});

describe('a waiting task that is cancelled', () => {
  it('ends at once, is never run, and runs after all when it is retried', async () => {
    await powers.pause('default');
    const taskId = await submitTask(target, hello);
    expect(await cancel(taskId)).toMatchObject(requested(taskId));
    expect(await cancel(taskId)).toMatchObject(requested(taskId));
    await powers.resume('default');
    await powers.settled();
    const cancelled = await readTask(target, taskId);
    expect(cancelled).toMatchObject({
      ...{ state: 'CANCELLED', attempts: 0, started_at: null, finished_at: aTime, result: null },
    });
    expect(cancelled.timeline.map(({ state }) => state)).toEqual(['PENDING', 'CANCELLED']);
    const listed = await ask(target, 'GET', '/api/v1/tasks?state=CANCELLED');
    expect(listed.body).toMatchObject({ items: [{ task_id: taskId }] });

    const again = await retry(taskId);
    expect(again.status).toBe(202);
    expect(again.headers.get('location')).toBe(`/api/v1/tasks/${taskId}`);
    const ended = await until(taskId, 'SUCCESS');
    expect(ended).toMatchObject({ epoch: 2, attempts: 1, result: { message: 'hello' } });
    expect((await cancel(taskId)).body).toMatchObject({
      ...{ status: 409, detail: expect.stringContaining('has ended SUCCESS') },
    });
    expect((await retry(taskId)).status).toBe(409);
  });
});

describe('a running task that is cancelled', () => {
  const place = { name: 'Lisbon', latitude: 38.722252, longitude: -9.139337 };

  it('stops within seconds, while its upstream still thinks, and leaves no dead letter', async () => {
    await orderTileFault(target, place, { delay_ms: 60_000 });
    const { taskId } = await createLocation(target, place);
    await vi.waitFor(async () => expect((await askedAbout(target, place)).elevation).toEqual([null]), 5000);
    const cancelledAt = performance.now();
    expect(await cancel(taskId)).toMatchObject(requested(taskId));
    expect((await ask(target, 'GET', `/api/v1/tasks/${taskId}`)).body).toMatchObject({
      ...{ cancel_requested: true, finished_at: null },
    });

    const ended = await until(taskId, 'CANCELLED');
    expect(performance.now() - cancelledAt).toBeLessThan(10_000);
    expect(ended).toMatchObject({ attempts: 1, result: null, error: null });
    expect(ended.timeline.map(({ state }) => state)).toEqual(['PENDING', 'STARTED', 'CANCELLED']);
    await powers.settled();
    expect(await powers.countMessages('default dead letters')).toBe(0);
    expect(await powers.countMessages('default')).toBe(0);
  });
});

describe('a task that is retried with edited input', () => {
  it('runs with that, however it ended before, once the input fits', async () => {
    await powers.pause('default');
    const taskId = await submitTask(target, hello);
    await cancel(taskId);
    await powers.resume('default');
    const refused = await retry(taskId, { input: { message: 7 } });
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ errors: [{ path: 'input.message' }] });

    // Large enough for the payload bucket, where the first input is not.
    const message = '\u0001'.repeat(1000);
    expect((await retry(taskId, { input: { message } })).status).toBe(202);
    const ended = await until(taskId, 'SUCCESS');
    expect(ended).toMatchObject({ epoch: 2, input: { message }, result: { message } });
    expect(ended.timeline.at(2)).toMatchObject({
      state: 'PENDING',
      epoch: 2,
      detail: expect.stringMatching(/^retried by .*, with edited arguments$/),
    });
  });
});
