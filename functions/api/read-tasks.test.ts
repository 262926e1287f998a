import { beforeEach, describe, expect, it } from 'vitest';
import { startApi } from './api-harness.ts';

let api: Awaited<ReturnType<typeof startApi>>;
let token: string;
beforeEach(async () => {
  api = await startApi();
  token = api.token(['read', 'submit']);
});

const submit = (body: unknown) => api.call({ method: 'POST', path: '/api/v1/tasks', token, body });
const get = (path: string, as = token) => api.call({ path: `/api/v1/tasks${path}`, token: as });

async function submitted(): Promise<string> {
  const { body } = await submit({ task: 'test_celery', input: { message: 'hi' } });
  return String(body['task_id']);
}

describe('GET /api/v1/tasks/{task_id}', () => {
  it('shows a waiting task in full', async () => {
    const id = await submitted();
    const { status, headers, body } = await get(`/${id}`);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'retry-after': '1', 'content-type': 'application/json' });
    expect(body).toEqual({
      task_id: id,
      task: 'test_celery',
      queue: 'default',
      state: 'PENDING',
      status: null,
      progress: null,
      input: { message: 'hi' },
      result: null,
      result_expired: false,
      error: null,
      attempts: 0,
      max_attempts: 4,
      epoch: 1,
      priority: 'normal',
      tags: [],
      tenant: 'acme',
      created_at: '2026-01-01T00:00:00.000Z',
      eta: null,
      started_at: null,
      finished_at: null,
      next_attempt_at: null,
      expires_at: null,
      record_expires_at: null,
      cancel_requested: false,
      parent_id: null,
      workflow_id: null,
      timeline: [{ state: 'PENDING', at: '2026-01-01T00:00:00.000Z', attempt: 0, epoch: 1, detail: null }],
    });
  });

  it('shows the result of an ended task, and an hour later that it is gone', async () => {
    const id = await submitted();
    await api.runDefaultQueue();
    const ended = await get(`/${id}`);
    expect(ended.headers).not.toHaveProperty('retry-after');
    expect(ended.body).toMatchObject({
      state: 'SUCCESS',
      progress: 100,
      result: { status: 'success', message: 'hi', task_id: id },
      result_expired: false,
      attempts: 1,
      finished_at: '2026-01-01T00:00:00.000Z',
    });
    await api.ports.clock.advance(3600_000);
    expect((await get(`/${id}`)).body).toMatchObject({
      state: 'SUCCESS',
      result: null,
      result_expired: true,
    });
    await api.ports.clock.advance(14 * 24 * 3600_000);
    expect((await get(`/${id}`)).status).toBe(404);
  });

  it('shows stacks to operators only', async () => {
    const id = await submitted();
    await api.runDefaultQueue(new RangeError('broken'));
    const error = { type: 'RangeError', message: 'broken', attempt: 1 };
    expect((await get(`/${id}`)).body['error']).toEqual(error);
    for (const scope of ['operate', 'admin'] as const) {
      const seen = (await get(`/${id}`, api.token([scope]))).body['error'];
      expect(seen).toEqual({ ...error, stack: expect.stringContaining('RangeError: broken') });
    }
  });

  it('knows no task of another tenant', async () => {
    const id = await submitted();
    const other = api.token(['admin'], 'other');
    expect((await get(`/${id}`, other)).status).toBe(404);
    expect((await get(`/${id}/status`, other)).status).toBe(404);
    expect((await get('', other)).body).toEqual({ items: [], next_cursor: null });
  });
});

describe('GET /api/v1/tasks/{task_id}/status', () => {
  it('shows six fields from waiting to failure', async () => {
    const id = await submitted();
    expect((await get(`/${id}/status`)).body).toEqual({
      task_id: id,
      state: 'PENDING',
      status: null,
      progress: null,
      result: null,
      error: null,
    });

    await api.runDefaultQueue(new RangeError('broken'));
    const retrying = await get(`/${id}/status`);
    expect(retrying.headers).toMatchObject({ 'retry-after': '10' });
    expect(retrying.body).toMatchObject({
      state: 'PENDING',
      status: 'attempt 1 of 4 failed with RangeError; the next is due at 2026-01-01T00:00:10.000Z',
      error: null,
    });

    for (let attempt = 2; attempt <= 4; attempt++) {
      await api.ports.clock.advance(10_000);
      await api.runDefaultQueue(new RangeError('broken'));
    }
    expect((await get(`/${id}/status`)).body).toMatchObject({
      state: 'FAILURE',
      result: null,
      error: 'broken',
    });
  });
});

describe('GET /api/v1/tasks', () => {
  it('pages through the tasks, newest first', async () => {
    const ids: string[] = [];
    for (let made = 0; made < 5; made++) {
      ids.unshift(await submitted());
      await api.ports.clock.advance(1);
    }
    const seen: unknown[] = [];
    let cursor: unknown = null;
    do {
      const { body } = await get(
        `?limit=2${cursor === null ? '' : `&cursor=${encodeURIComponent(String(cursor))}`}`,
      );
      seen.push(...(body['items'] as { task_id: string }[]).map(({ task_id }) => task_id));
      cursor = body['next_cursor'];
    } while (cursor !== null);
    expect(seen).toEqual(ids);
  });

  it('filters by state and task, and shows neither input nor result', async () => {
    await submitted();
    await api.runDefaultQueue();
    const { body } = await submit({ task: 'health_check' });
    const pending = (await get('?state=PENDING&task=health_check')).body['items'];
    expect(pending).toEqual([expect.objectContaining({ task_id: body['task_id'], state: 'PENDING' })]);
    expect((await get('?state=SUCCESS&task=health_check')).body['items']).toEqual([]);
    const [ended] = (await get('?state=SUCCESS')).body['items'] as object[];
    expect(Object.keys(ended ?? {})).not.toEqual(expect.arrayContaining(['input']));
    expect(ended).not.toHaveProperty('result');
  });

  it('filters by tag, queue and time of creation', async () => {
    const ids: unknown[] = [];
    for (const priority of ['normal', 'high'] as const) {
      const { body } = await submit({
        ...{ task: 'test_celery', input: { message: 'hi' }, priority, tags: ['all', priority] },
      });
      ids.unshift(body['task_id']);
      await api.ports.clock.advance(1000);
    }
    const found = async (query: string) =>
      ((await get(query)).body['items'] as { task_id: string }[]).map(({ task_id }) => task_id);
    expect(await found('?tag=all')).toEqual(ids);
    expect(await found('?tag=high&queue=priority')).toEqual([ids[0]]);
    expect(await found('?tag=high&queue=default')).toEqual([]);
    expect(await found('?created_after=2026-01-01T00:00:01Z')).toEqual([ids[0]]);
    expect(await found('?created_before=2026-01-01T01:00:01%2B01:00')).toEqual([ids[1]]);
  });

  it.each([
    ['queue=express', 'queue'],
    ['created_after=yesterday', 'created_after'],
    ['created_after=2026-01-01T00:00:00', 'created_after'],
    ['created_after=2026-01-02T00:00:00Z&created_before=2026-01-02T00:00:00Z', 'created_before'],
  ])('answers 422 to %s', async (query, path) => {
    expect(await get(`?${query}`)).toMatchObject({
      status: 422,
      body: { errors: [{ path, message: expect.any(String) }] },
    });
  });

  it('answers 422 to a cursor of its own making', async () => {
    expect(await get('?cursor=nonsense')).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'cursor' }] },
    });
  });
});
