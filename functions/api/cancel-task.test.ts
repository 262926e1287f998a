import { beforeEach, describe, expect, it } from 'vitest';
import { saveTransition } from '#shared/pipeline/save-transition.ts';
import { startApi } from './api-harness.ts';

let api: Awaited<ReturnType<typeof startApi>>;
let token: string;
beforeEach(async () => {
  api = await startApi();
  token = api.token(['read', 'submit']);
});

const get = (path: string) => api.call({ path: `/api/v1/tasks${path}`, token });
const cancel = (id: string, as = token) =>
  api.call({ method: 'POST', path: `/api/v1/tasks/${id}/cancel`, token: as });

async function submitted(): Promise<string> {
  const body = { task: 'test_celery', input: { message: 'hi' } };
  const answer = await api.call({ method: 'POST', path: '/api/v1/tasks', token, body });
  return String(answer.body['task_id']);
}

const requested = (id: string) => ({
  status: 200,
  body: { task_id: id, status: 'CANCELLED', message: 'Task cancellation requested' },
});

describe('POST /api/v1/tasks/{task_id}/cancel', () => {
  it('ends a waiting task, and says the same when asked again', async () => {
    const id = await submitted();
    expect(await cancel(id)).toMatchObject(requested(id));
    await api.ports.clock.advance(1000);
    expect(await cancel(id)).toMatchObject(requested(id));
    const record = await get(`/${id}`);
    expect(record.headers).not.toHaveProperty('retry-after');
    expect(record.body).toMatchObject({
      ...{ state: 'CANCELLED', result: null, error: null, attempts: 0, started_at: null },
      ...{ cancel_requested: true, finished_at: '2026-01-01T00:00:00.000Z' },
      record_expires_at: expect.any(String),
    });
    expect(record.body['timeline']).toMatchObject([
      { state: 'PENDING' },
      { state: 'CANCELLED', detail: 'cancelled by test', at: '2026-01-01T00:00:00.000Z' },
    ]);
    expect((await get(`/${id}/status`)).body).toEqual({
      ...{ task_id: id, state: 'CANCELLED', status: null, progress: null, result: null, error: null },
    });
    await api.runDefaultQueue();
    expect((await get(`/${id}`)).body).toMatchObject({ state: 'CANCELLED', attempts: 0 });
  });

  it('flags a running task, which goes on until its worker has seen it', async () => {
    const id = await submitted();
    const [record] = api.ports.store.records();
    if (record) await saveTransition(api.ports, record, { kind: 'claim', epoch: 1 });
    expect((await get(`/${id}`)).body).toMatchObject({ state: 'STARTED', cancel_requested: false });
    expect(await cancel(id)).toMatchObject(requested(id));
    const running = await get(`/${id}`);
    expect(running.headers).toMatchObject({ 'retry-after': '1' });
    expect(running.body).toMatchObject({ state: 'STARTED', cancel_requested: true, finished_at: null });
    expect((await get(`/${id}/status`)).body).toMatchObject({ state: 'PROGRESS' });
  });

  it('cancels a task between two attempts, whose attempts stay in its history', async () => {
    const id = await submitted();
    await api.runDefaultQueue(new RangeError('broken'));
    expect(await cancel(id)).toMatchObject(requested(id));
    const { body } = await get(`/${id}`);
    expect(body).toMatchObject({ state: 'CANCELLED', attempts: 1, error: null, next_attempt_at: null });
    expect(body['timeline']).toMatchObject([
      ...[{ state: 'PENDING' }, { state: 'STARTED' }, { state: 'RETRY' }, { state: 'CANCELLED' }],
    ]);
  });

  it('is found in the list', async () => {
    const id = await submitted();
    await submitted();
    await cancel(id);
    expect((await get('?state=CANCELLED')).body['items']).toMatchObject([{ task_id: id }]);
  });

  it('refuses a task that has ended otherwise, and names its state', async () => {
    const id = await submitted();
    await api.runDefaultQueue();
    expect(await cancel(id)).toMatchObject({
      status: 409,
      body: { detail: `task ${id} has ended SUCCESS: there is nothing left to cancel` },
    });
  });

  it('knows no task that is unknown or another tenant’s', async () => {
    const id = await submitted();
    expect(await cancel('none')).toMatchObject({ status: 404, body: { detail: 'there is no task none' } });
    expect((await cancel(id, api.token(['submit'], 'other'))).status).toBe(404);
    expect((await get(`/${id}`)).body['state']).toBe('PENDING');
  });

  it('is for those who may submit', async () => {
    const id = await submitted();
    expect((await cancel(id, api.token(['read']))).status).toBe(403);
  });

  it('logs who asked', async () => {
    const id = await submitted();
    await cancel(id);
    expect(api.lines).toContainEqual({
      level: 'info',
      message: 'task cancel requested',
      fields: expect.objectContaining({ task_id: id, caller: 'test', tenant: 'acme', state: 'CANCELLED' }),
    });
  });
});
