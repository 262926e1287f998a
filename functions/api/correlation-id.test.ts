import { beforeEach, describe, expect, it } from 'vitest';
import { startApi } from './api-harness.ts';

let api: Awaited<ReturnType<typeof startApi>>;
let token: string;
beforeEach(async () => {
  api = await startApi();
  token = api.token(['read', 'submit']);
});

const task = { task: 'test_celery', input: { message: 'hi' } };

describe('the correlation id', () => {
  const header = 'x-correlation-id';
  const submit = (headers: Record<string, string>) =>
    api.call({ method: 'POST', path: '/api/v1/tasks', token, headers, body: task });

  it('is the caller’s, on the answer, on every line and on the task', async () => {
    const id = 'Trace_1.a:b-c=';
    expect((await submit({ [header]: id })).headers[header]).toBe(id);
    expect(api.lines.map(({ message }) => message)).toContain('task accepted');
    expect(new Set(api.lines.map(({ fields }) => fields['correlation_id']))).toEqual(new Set([id]));
    expect(api.ports.store.records()).toMatchObject([{ correlationId: id }]);
  });

  it.each([
    ['absent', {}],
    ['empty', { [header]: '' }],
    ['too long', { [header]: 'x'.repeat(129) }],
    ['sent twice', { [header]: 'one,two' }],
    ['made to break lines', { [header]: 'one\ntwo' }],
    ['in words', { [header]: 'ann@example.com' }],
  ])('is the gateway’s id of the request when it is %s', async (_, headers) => {
    expect((await submit(headers)).headers[header]).toBe('request-1');
    expect(api.ports.store.records()).toMatchObject([{ correlationId: 'request-1' }]);
    expect(JSON.stringify(api.lines)).not.toMatch(/ann@|one|xxx/);
  });

  it('may be as long as 128', async () => {
    const id = 'x'.repeat(128);
    expect((await submit({ [header]: id })).headers[header]).toBe(id);
  });

  it('is on the answers to what fails, whoever is at fault, and on their lines', async () => {
    const headers = { [header]: 'mine' };
    api.locations.read = async () => Promise.reject(new Error('down'));
    for (const [path, status] of [
      ['/nothing', 404],
      ['/api/v1/tasks/none', 404],
      ['/api/v1/tasks?limit=x', 422],
      ['/api/v1/locations/x', 500],
    ] as const) {
      expect(await api.call({ path, token, headers })).toMatchObject({ status, headers });
    }
    expect(await api.call({ path: '/api/v1/tasks', headers })).toMatchObject({ status: 401, headers });
    expect(api.lines.find(({ level }) => level === 'error')?.fields).toMatchObject({
      correlation_id: 'mine',
    });
  });

  it('of a task stays that of the request which submitted it first', async () => {
    const first = await submit({ [header]: 'first', 'idempotency-key': 'once' });
    const again = await submit({ [header]: 'second', 'idempotency-key': 'once' });
    expect(again.body).toEqual(first.body);
    expect(again.headers[header]).toBe('second');
    const { task_id } = first.body;
    const path = `/api/v1/tasks/${task_id}`;
    await api.call({ method: 'POST', path: `${path}/cancel`, token });
    await api.call({ method: 'POST', path: `${path}/retry`, token, headers: { [header]: 'third' } });
    expect(api.ports.store.records()).toMatchObject([{ state: 'PENDING', epoch: 2, correlationId: 'first' }]);
  });
});
