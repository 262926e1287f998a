import { beforeEach, describe, expect, it } from 'vitest';
import { startApi } from './api-harness.ts';

let api: Awaited<ReturnType<typeof startApi>>;
let token: string;
beforeEach(async () => {
  api = await startApi();
  token = api.token(['read', 'submit']);
});

/** What every error has in common. */
function problem(type: string, status: number, errors: unknown = []) {
  return {
    status,
    headers: expect.objectContaining({ 'content-type': 'application/problem+json' }),
    body: {
      type: `/problems/${type}`,
      title: expect.any(String),
      status,
      detail: expect.any(String),
      errors,
    },
  };
}

const task = { task: 'test_celery', input: { message: 'hi' } };

describe('finding the route', () => {
  it('answers 404 to an unknown path, whoever asks', async () => {
    expect(await api.call({ path: '/nothing' })).toEqual(problem('not-found', 404));
    expect(await api.call({ path: '/api/v1/tasks/x/y/z', token })).toEqual(problem('not-found', 404));
  });

  it('answers 405 with Allow to another method on a known path', async () => {
    const refused = await api.call({ method: 'DELETE', path: '/api/v1/tasks', token });
    expect(refused).toEqual(problem('method-not-allowed', 405));
    expect(refused.headers).toMatchObject({ allow: 'GET, HEAD, POST' });
    expect(
      (await api.call({ method: 'PATCH', path: '/api/v1/tasks/x/status', token })).headers,
    ).toMatchObject({
      allow: 'GET, HEAD',
    });
  });

  it('makes no difference between a path and the same with a slash', async () => {
    expect((await api.call({ path: '/health/' })).status).toBe(200);
    expect((await api.call({ path: '/api/v1/tasks/', token })).status).toBe(200);
    expect((await api.call({ path: '/api/v1/tasks/none/', token })).body).toMatchObject({
      detail: 'there is no task none',
    });
  });

  it('answers HEAD as GET without the body', async () => {
    const reply = await api.call({ method: 'HEAD', path: '/api/v1/tasks', token });
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({});
  });

  it('takes parameters from the path alone, decoded', async () => {
    expect((await api.call({ path: '/api/v1/tasks/a%20b', token })).body).toMatchObject({
      detail: 'there is no task a b',
    });
    const caught = { pathParameters: { proxy: 'api/v1/tasks/x', task_id: 'y' } };
    expect((await api.call({ path: '/api/v1/tasks/x', token, ...caught })).body).toMatchObject({
      detail: 'there is no task x',
    });
    expect(await api.call({ path: '/api/v1/tasks/%ff', token })).toEqual(problem('not-found', 404));
    expect(await api.call({ path: `/api/v1/tasks/${'x'.repeat(129)}`, token })).toEqual(
      problem('not-found', 404),
    );
  });
});

describe('who may ask', () => {
  it.each([{}, { authorization: 'Bearer nonsense' }, { authorization: 'Basic YTpi' }])(
    'answers the same 401 to %j',
    async (headers) => {
      const refused = await api.call({ path: '/api/v1/tasks', headers });
      expect(refused).toEqual(problem('unauthenticated', 401));
      expect(refused.headers).toMatchObject({ 'www-authenticate': 'Bearer realm="celeriac"' });
    },
  );

  it('looks at the token before the body', async () => {
    expect((await api.call({ method: 'POST', path: '/api/v1/tasks', body: '{' })).status).toBe(401);
  });

  it.each([
    ['GET', '/api/v1/tasks', 'submit', 'read'],
    ['GET', '/api/v1/locations/x', 'submit', 'read'],
    ['POST', '/api/v1/tasks', 'read', 'submit'],
    ['POST', '/api/v1/locations', 'read', 'submit'],
  ] as const)('answers 403 to %s %s with the scope %s', async (method, path, scope, needed) => {
    const refused = await api.call({ method, path, token: api.token([scope]), body: task });
    expect(refused).toEqual(problem('forbidden', 403));
    expect(refused.headers).toMatchObject({
      'www-authenticate': `Bearer realm="celeriac", error="insufficient_scope", scope="${needed}"`,
    });
  });

  it('lets operators and admins do both', async () => {
    for (const scope of ['operate', 'admin'] as const) {
      const allowed = api.token([scope]);
      expect((await api.call({ path: '/api/v1/tasks', token: allowed })).status).toBe(200);
      const sent = await api.call({ method: 'POST', path: '/api/v1/tasks', token: allowed, body: task });
      expect(sent.status).toBe(202);
    }
  });
});

describe('reading the body', () => {
  const send = (parts: { body?: unknown; headers?: Record<string, string>; base64?: boolean }) =>
    api.call({ method: 'POST', path: '/api/v1/tasks', token, ...parts });

  it('decodes base64, UTF-8 included', async () => {
    const sent = await send({ body: { ...task, input: { message: 'grüß dich' } }, base64: true });
    expect(sent.status).toBe(202);
    const [record] = api.ports.store.records();
    expect(record?.input).toEqual({ kind: 'inline', json: '{"message":"grüß dich"}' });
  });

  it.each(['{"task":', 'hello', ''])('answers 400 to the body %j', async (body) => {
    const refused = await send({ body });
    expect(refused).toEqual(problem('malformed-json', 400));
    expect(refused.body['detail']).toMatch(body === '' ? /is empty/ : /is not JSON: .*JSON/);
  });

  it('answers 415 to another type and to none, and reads any JSON type', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', '']) {
      const refused = await send({ body: task, headers: { 'content-type': type } });
      expect(refused).toEqual(problem('unsupported-media-type', 415));
    }
    expect(await send({})).toEqual(problem('unsupported-media-type', 415));
    for (const type of ['application/json; charset=utf-8', 'application/vnd.api+json', 'Application/JSON']) {
      expect((await send({ body: task, headers: { 'content-type': type } })).status).toBe(202);
    }
  });

  it('answers 413 to more than 1 MiB, however it is encoded', async () => {
    const message = (size: number) => `{"task":"test_celery","input":{"message":"${'é'.repeat(size / 2)}"}}`;
    for (const base64 of [true, false]) {
      expect(await send({ body: message(1024 * 1024), base64 })).toEqual(problem('body-too-large', 413));
      expect((await send({ body: message(1024 * 1024 - 100), base64 })).status).toBe(422);
    }
  });

  it.each(['null', '[]', '7', '"x"'])('answers 422 to the JSON %s', async (body) => {
    expect(await send({ body })).toEqual(
      problem('validation', 422, [{ path: '', message: expect.stringContaining('expected object') }]),
    );
  });

  it('names every fault of query and fields', async () => {
    const refused = await api.call({ path: '/api/v1/tasks?limit=0&state=DONE&nope=1', token });
    expect(refused).toEqual(
      problem('validation', 422, [
        { path: 'state', message: expect.stringContaining('"PENDING"') },
        { path: 'limit', message: expect.any(String) },
        { path: 'nope', message: 'this field is not known' },
      ]),
    );
    expect((await send({ body: { input: {}, delay: 5, tags: ['', '\ud83d'] } })).body).toMatchObject({
      errors: [
        { path: 'task' },
        { path: 'tags.0' },
        { path: 'tags.1', message: 'must not contain half of a surrogate pair' },
        { path: 'delay', message: 'this field is not known' },
      ],
    });
  });
});

describe('faults of our own', () => {
  it('answers 500 without a word about the inside, and logs it under the request id', async () => {
    api.locations.read = async () => Promise.reject(new Error('table celeriac-dev is on fire'));
    const failed = await api.call({ path: '/api/v1/locations/x', token });
    expect(failed).toEqual(problem('internal', 500));
    expect(failed.body['detail']).toBe('the fault is logged under request request-1');
    expect(JSON.stringify(failed)).not.toContain('fire');
    expect(api.lines).toContainEqual({
      level: 'error',
      message: 'request failed',
      fields: {
        ...{ request_id: 'request-1', correlation_id: 'request-1', function_request_id: 'invocation-1' },
        error: expect.objectContaining({ message: 'table celeriac-dev is on fire' }),
      },
    });
  });

  it('answers 503 half a second before the function runs out of time', async () => {
    api.locations.read = () => Promise.withResolvers<never>().promise;
    const given = await api.call({ path: '/api/v1/locations/x', token }, 510);
    expect(given).toEqual(problem('timed-out', 503));
    expect(given.headers).toMatchObject({ 'retry-after': '5' });
    expect(api.lines.find(({ level }) => level === 'error')).toMatchObject({ message: 'request failed' });
  });

  it('answers 500 rather than something that the route does not declare', async () => {
    await api.call({ method: 'POST', path: '/api/v1/tasks', token, body: task });
    const [record] = api.ports.store.records();
    api.ports.store.read = async () => (record ? { ...record, attempts: 0.5 } : null);
    const failed = await api.call({ path: `/api/v1/tasks/${record?.taskId}`, token });
    expect(failed).toEqual(problem('internal', 500));
    expect(String(api.lines.find(({ level }) => level === 'error')?.fields['error'])).toMatch(
      /GET \/api\/v1\/tasks\/\{task_id\} answered what it does not declare: attempts: /,
    );
  });

  it('logs every request with its outcome, and never the token', async () => {
    await api.call({ path: '/api/v1/tasks', token });
    await api.call({ path: '/nothing', token });
    const request = { request_id: 'request-1', correlation_id: 'request-1' };
    const common = { ...request, function_request_id: 'invocation-1', method: 'GET', duration_ms: 0 };
    expect(api.lines.filter(({ level }) => level !== 'debug')).toEqual([
      {
        level: 'info',
        message: 'request answered',
        fields: { ...common, path: '/api/v1/tasks', status: 200 },
      },
      { level: 'info', message: 'request answered', fields: { ...common, path: '/nothing', status: 404 } },
    ]);
    expect(JSON.stringify(api.lines)).not.toContain(token);
  });
});
