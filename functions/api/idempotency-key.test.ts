import { beforeEach, describe, expect, it } from 'vitest';
import { startApi } from './api-harness.ts';
import { keyedTask } from './keyed-task.ts';

let api: Awaited<ReturnType<typeof startApi>>;
let token: string;
beforeEach(async () => {
  api = await startApi();
  token = api.token(['read', 'submit']);
});

const hello = { task: 'test_celery', input: { message: 'hi' } };
const submit = (body: unknown, key?: string, as = token) =>
  api.call({
    ...{ method: 'POST', path: '/api/v1/tasks', token: as, body },
    ...(key !== undefined && { headers: { 'idempotency-key': key } }),
  });
const logged = () =>
  api.lines
    .map(({ message }) => message)
    .filter((message) => message.startsWith('task '))
    .sort();

describe('POST /api/v1/tasks with an Idempotency-Key', () => {
  it('twice at once is one task and one message', async () => {
    const [first, second] = await Promise.all([submit(hello, 'order-7'), submit(hello, 'order-7')]);
    expect(first.status).toBe(202);
    expect(second).toEqual(first);
    expect(api.ports.store.records()).toHaveLength(1);
    expect(api.ports.queue.depth('default').visible).toBe(1);
    expect(logged()).toEqual(['task accepted', 'task was submitted before: nothing was stored or sent']);
  });

  it('again, once the task has ended, answers its end and runs nothing', async () => {
    const first = await submit(hello, 'order-7');
    await api.runDefaultQueue();
    const again = await submit(hello, 'order-7');
    expect(again).toMatchObject({ status: 200, body: { ...first.body, state: 'SUCCESS' } });
    expect(again.headers).not.toHaveProperty('retry-after');
    expect(api.ports.queue.depth('default').visible).toBe(0);
  });

  it('takes the same body in other words for the same', async () => {
    const first = await submit(hello, 'k');
    const words =
      '{ "tags": [], "input": { "message": "\\u0068i" }, "priority": "normal", "task": "test_celery" }';
    expect((await submit(words, 'k')).body).toEqual(first.body);
    expect((await submit({ task: 'health_check' }, 'k')).body).toEqual(
      (await submit({ task: 'health_check', input: {} }, 'k')).body,
    );
  });

  it.each([
    ['other input', { ...hello, input: { message: 'bye' } }],
    ['other tags', { ...hello, tags: ['x'] }],
    ['another priority', { ...hello, priority: 'high' }],
    ['a countdown', { ...hello, countdown: 0 }],
    ['an expiry', { ...hello, expires: 60 }],
  ])('refuses %s under a known key, naming the header and the fix', async (_, other) => {
    const first = await submit(hello, 'k');
    const message =
      'was sent with another body before: use a new key for a new task, or send the first body again';
    expect(await submit(other, 'k')).toMatchObject({
      status: 409,
      headers: { location: first.headers['location'] },
      body: {
        type: '/problems/conflict',
        detail: `Idempotency-Key ${message}`,
        errors: [{ path: 'Idempotency-Key', message }],
      },
    });
    expect(api.ports.store.records()).toHaveLength(1);
    expect(api.ports.queue.depth('priority').visible).toBe(0);
  });

  it('takes a time that is null for one that is left out, as in a submission', async () => {
    const first = await submit(hello, 'k');
    const nulls = { ...hello, countdown: null, eta: null, expires: null };
    expect((await submit(nulls, 'k')).body).toEqual(first.body);
  });

  it('compares times as they were sent, and not with the clock', async () => {
    const later = { ...hello, countdown: 60, expires: '2026-01-01T00:02:00Z' };
    const first = await submit(later, 'k');
    expect(first).toMatchObject({ status: 202, body: { state: 'SCHEDULED' } });
    await api.ports.clock.advance(45_000);
    expect(await submit(later, 'k')).toMatchObject({
      ...{ status: 202, headers: { 'retry-after': '15' }, body: first.body },
    });
    expect((await submit({ ...later, countdown: 61 }, 'k')).status).toBe(409);
  });

  it('answers a repeated request although its time to expire has come since', async () => {
    const soon = { ...hello, expires: '2026-01-01T00:00:10Z' };
    const first = await submit(soon, 'k');
    await api.runDefaultQueue();
    await api.ports.clock.advance(20_000);
    expect(await submit(soon, 'k')).toMatchObject({ status: 200, body: { ...first.body, state: 'SUCCESS' } });
    expect((await submit(soon, 'another')).status).toBe(422);
    expect((await submit({ ...soon, tags: ['x'] }, 'k')).status).toBe(422);
    expect((await submit(soon)).status).toBe(422);
    expect((await submit(soon, 'k', api.token(['submit'], 'other'))).status).toBe(422);
  });

  it('means the key of one tenant and one task', async () => {
    const answers = [
      await submit(hello, 'k'),
      await submit(hello, 'k', api.token(['submit'], 'other')),
      await submit({ task: 'health_check' }, 'k'),
      await submit(hello, 'K'),
      await submit(hello),
      await submit(hello),
    ];
    expect(new Set(answers.map(({ body }) => body['task_id'])).size).toBe(answers.length);
  });

  it('means the task however often that was retried, edited or not', async () => {
    const first = await submit(hello, 'k');
    const path = `/api/v1/tasks/${String(first.body['task_id'])}`;
    await api.call({ method: 'POST', path: `${path}/cancel`, token });
    await api.call({ method: 'POST', path: `${path}/retry`, token, body: { input: { message: 'bye' } } });
    expect(await submit(hello, 'k')).toMatchObject({ status: 202, body: first.body });
  });

  it('means a new task once the first is forgotten', async () => {
    await submit(hello, 'k');
    await api.runDefaultQueue();
    await api.ports.clock.advance(14 * 24 * 3600_000);
    expect(await submit({ ...hello, tags: ['new'] }, 'k')).toMatchObject({
      ...{ status: 202, body: { state: 'PENDING' } },
    });
  });

  it.each(['', 'a b', 'ü', 'x'.repeat(256)])('refuses the key %j, naming the header', async (key) => {
    expect(await submit(hello, key)).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'Idempotency-Key', message: expect.stringContaining('1 to 255 visible') }] },
    });
    expect(api.ports.store.records()).toEqual([]);
  });

  it.each(['!', '"quoted"', '~'.repeat(255)])('takes the key %j', async (key) => {
    expect((await submit(hello, key)).status).toBe(202);
  });

  it.each([
    ['half of a surrogate pair', '"\\ud83d"', 'Lone surrogate'],
    ['a number that JavaScript cannot hold', '1e999', 'Infinity'],
  ])('refuses %s, which has no canonical form', async (_, value, reason) => {
    const refused = await submit(`{"task":"test_celery","input":{"message":${value}}}`, 'k');
    expect(refused).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'input', message: expect.stringContaining(reason) }] },
    });
  });

  it('runs the task once where its submission waits for it', async () => {
    const run: string[] = [];
    api.runInline(async ({ taskId, epoch }) => {
      run.push(taskId);
      await api.ports.queue.send('default', { v: 1, taskId, epoch }, { group: 'acme', delaySeconds: 0 });
      await api.runDefaultQueue();
    });
    const [first, second] = [await submit(hello, 'k'), await submit(hello, 'k')];
    expect(second.body).toEqual(first.body);
    expect(run).toEqual([first.body['task_id']]);
    expect(logged()).toEqual(['task accepted', 'task was submitted before: nothing was stored or sent']);
  });
});

describe('keyedTask', () => {
  it('looks at the values, not at the order in which they came', () => {
    const digestOf = (input: unknown) => keyedTask('k', 'acme', { task: 't', input }).digest;
    expect(digestOf({ a: [1, { b: 2, c: 3 }], d: 4 })).toBe(digestOf({ d: 4, a: [1, { c: 3, b: 2 }] }));
    expect(digestOf([1, 2])).not.toBe(digestOf([2, 1]));
  });
});

describe('POST /api/v1/tasks of a task that there may be only one of', () => {
  it('answers the first for as long as that has not ended', async () => {
    const cleanup = { task: 'cleanup_old_results' };
    const first = await submit(cleanup);
    expect(await submit(cleanup)).toEqual(first);
    expect(api.ports.queue.depth('default').visible).toBe(1);
    expect(logged()).toEqual(['task accepted', 'task was submitted before: nothing was stored or sent']);
    await api.call({ method: 'POST', path: `${String(first.headers['location'])}/cancel`, token });
    expect((await submit(cleanup)).body['task_id']).not.toBe(first.body['task_id']);
  });
});
