import { beforeEach, describe, expect, it } from 'vitest';
import { startApi } from './api-harness.ts';

let api: Awaited<ReturnType<typeof startApi>>;
let token: string;
beforeEach(async () => {
  api = await startApi();
  token = api.token(['read', 'submit']);
});

const post = (path: string, body?: unknown, as = token) =>
  api.call({ method: 'POST', path: `/api/v1/tasks${path}`, token: as, body });
const retry = (id: string, body?: unknown, as = token) => post(`/${id}/retry`, body, as);
const read = async (id: string) => (await api.call({ path: `/api/v1/tasks/${id}`, token })).body;

async function submitted(body: object = { task: 'test_celery', input: { message: 'hi' } }): Promise<string> {
  return String((await post('', body)).body['task_id']);
}

async function cancelled(body?: object): Promise<string> {
  const id = await submitted(body);
  await post(`/${id}/cancel`);
  return id;
}

async function failed(): Promise<string> {
  const id = await submitted();
  for (let attempt = 1; attempt <= 4; attempt++) {
    await api.runDefaultQueue(new RangeError('broken'));
    await api.ports.clock.advance(10_000);
  }
  expect(await read(id)).toMatchObject({ state: 'FAILURE' });
  return id;
}

describe('POST /api/v1/tasks/{task_id}/retry', () => {
  it('runs a failed task again, as the same task', async () => {
    const id = await failed();
    const answer = await retry(id);
    expect(answer).toMatchObject({
      status: 202,
      headers: { location: `/api/v1/tasks/${id}`, 'retry-after': '1' },
      body: { task_id: id, state: 'PENDING', status_url: `/api/v1/tasks/${id}/status` },
    });
    const waiting = await read(id);
    expect(waiting).toMatchObject({
      state: 'PENDING',
      epoch: 2,
      attempts: 0,
      error: null,
      finished_at: null,
    });
    expect((waiting['timeline'] as unknown[]).at(-1)).toMatchObject({
      ...{ state: 'PENDING', epoch: 2, detail: 'retried by test' },
    });
    await api.runDefaultQueue();
    expect(await read(id)).toMatchObject({
      ...{ state: 'SUCCESS', epoch: 2, attempts: 1, result: { message: 'hi' } },
    });
  });

  it('takes back a cancel', async () => {
    const id = await cancelled();
    expect((await retry(id, {})).status).toBe(202);
    expect(await read(id)).toMatchObject({ state: 'PENDING', cancel_requested: false });
    await api.runDefaultQueue();
    expect(await read(id)).toMatchObject({ state: 'SUCCESS' });
  });

  it('runs it with edited input', async () => {
    const id = await failed();
    expect((await retry(id, { input: { message: 'bye' } })).status).toBe(202);
    const edited = await read(id);
    expect(edited).toMatchObject({ input: { message: 'bye' } });
    expect((edited['timeline'] as unknown[]).at(-1)).toMatchObject({
      ...{ detail: 'retried by test, with edited arguments' },
    });
    await api.runDefaultQueue();
    expect(await read(id)).toMatchObject({ state: 'SUCCESS', result: { message: 'bye' } });
  });

  it.each([
    ['no body at all', {}],
    [
      'an empty body, as curl -d "" sends it',
      { body: '', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    ],
    ['{}', { body: {} }],
  ])('takes %s', async (_, parts) => {
    const id = await cancelled();
    const answer = await api.call({ method: 'POST', path: `/api/v1/tasks/${id}/retry`, token, ...parts });
    expect(answer.status).toBe(202);
  });

  it.each([
    ['a body of another type', 415, { body: 'input=1', headers: { 'content-type': 'text/plain' } }],
    ['half a body', 400, { body: '{' }],
    ['a field that nobody knows', 422, { body: { inptu: {} } }],
  ])('refuses %s', async (_, status, parts) => {
    const id = await cancelled();
    const answer = await api.call({ method: 'POST', path: `/api/v1/tasks/${id}/retry`, token, ...parts });
    expect(answer.status).toBe(status);
    expect(await read(id)).toMatchObject({ state: 'CANCELLED' });
  });

  it.each([
    [{ message: 7, volume: 11 }, ['input.message', 'input.volume']],
    [null, ['input']],
  ])('names what does not fit in the edited input %j', async (input, paths) => {
    const id = await cancelled();
    const refused = await retry(id, { input });
    expect(refused.status).toBe(422);
    expect(refused.body['errors']).toEqual(paths.map((path) => ({ path, message: expect.any(String) })));
    expect(await read(id)).toMatchObject({ state: 'CANCELLED', input: { message: 'hi' } });
  });

  it('cannot check edited input of a task that is no longer known, but retries it as it is', async () => {
    const id = await cancelled();
    const [record] = api.ports.store.records();
    if (!record) throw new Error('there is no record');
    await api.ports.store.save(
      { ...record, task: 'old_task', version: record.version + 1, writer: 'test' },
      record,
      { wakeBy: null },
    );
    expect(await retry(id, { input: {} })).toMatchObject({
      status: 422,
      body: {
        errors: [
          {
            path: 'input',
            message:
              'there is no task old_task any more, so nothing tells what fits: retry without new input',
          },
        ],
      },
    });
    expect((await retry(id)).status).toBe(202);
  });

  it('refuses a task that has not ended, or has succeeded', async () => {
    const id = await submitted();
    expect(await retry(id)).toMatchObject({
      status: 409,
      body: {
        detail: `task ${id} is PENDING: it still goes on by itself; wait for its end, or cancel it first`,
      },
    });
    await api.runDefaultQueue();
    expect(await retry(id)).toMatchObject({
      status: 409,
      body: { detail: `task ${id} is SUCCESS: what has succeeded stays; submit a new task instead` },
    });
  });

  it('refuses a task whose place another one has taken', async () => {
    const id = await cancelled({ task: 'cleanup_old_results' });
    await submitted({ task: 'cleanup_old_results' });
    const refused = await retry(id);
    expect(refused.status).toBe(409);
    expect(refused.body['detail']).toContain(`task ${id} is CANCELLED, but another task does the same now`);
  });

  it('opens one epoch for two requests at once', async () => {
    const id = await cancelled();
    const answers = await Promise.all([retry(id), retry(id)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
    expect(await read(id)).toMatchObject({ epoch: 2 });
  });

  it('knows no task that is unknown or another tenant’s', async () => {
    const id = await cancelled();
    const other = api.token(['submit'], 'other');
    for (const body of [{}, { input: { message: 'bye' } }]) {
      expect((await retry('none', body)).status).toBe(404);
      expect((await retry(id, body, other)).status).toBe(404);
    }
    expect((await retry(id, {}, api.token(['read']))).status).toBe(403);
  });

  it('logs who retried, and accepts although its message could not be sent', async () => {
    const id = await cancelled();
    api.ports.queue.send = async () => Promise.reject(new Error('queue down'));
    expect((await retry(id)).status).toBe(202);
    const common = { task_id: id, caller: 'test' };
    expect(api.lines.filter(({ message }) => message.startsWith('task retried'))).toMatchObject([
      { level: 'info', fields: { ...common, task: 'test_celery', epoch: 2, edited: false } },
      { level: 'warn', fields: common },
    ]);
  });
});
