import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { knock, otherAddresses } from '../emulators/fixtures/addresses.ts';
import type { InvocationResult } from '../functions/function-pool.ts';
import type { AnsweredRequest } from '../metrics/measure-api.ts';
import { type HttpGateway, type HttpGatewayOptions, startHttpGateway } from './http-gateway.ts';

const NOW = Date.parse('2026-11-01T12:00:00Z');

const silent = {
  name: 'reconciler-silent',
  description: 'Nobody calls it.',
  state: 'ALARM' as const,
  since: '2026-11-01T11:00:00.000Z',
  reason: 'no datapoints',
};

const started: HttpGateway[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((gateway) => gateway.stop()));
});

type Handler = (event: APIGatewayProxyEventV2) => Promise<InvocationResult> | InvocationResult;

const echo: Handler = (event) => ({
  ok: true,
  payload: { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) },
});

async function start(
  given: Partial<HttpGatewayOptions> & {
    handler?: Handler;
    routes?: string[];
    stage?: string;
    isOpen?: boolean;
    now?: () => number;
  } = {},
) {
  const {
    handler = echo,
    routes = ['GET /tasks/{id}', '$default'],
    stage = '$default',
    isOpen = true,
    now = () => NOW,
    ...options
  } = given;
  const advanced: number[] = [];
  const measured: AnsweredRequest[] = [];
  const gateway = await startHttpGateway({
    newId: () => 'request-1',
    port: 0,
    log: () => undefined,
    ...options,
  });
  started.push(gateway);
  const open = () =>
    gateway.open({
      api: {
        id: 'api1',
        accountId: '000000000000',
        stage,
        routes: routes.map((routeKey) => ({ routeKey, functionName: 'api' })),
      },
      invoke: async (_name, event) => await handler(event),
      measure: (request) => measured.push(request),
      controls: {
        now,
        status: async () => ({ functions: ['api'] }),
        alarms: () => [silent],
        advance: async (ms) => {
          advanced.push(ms);
          return {
            fired: [{ rule: 'nightly', at: '2026-11-01T12:01:00.000Z' }],
            coalesced: [],
            busySteps: 0,
          };
        },
      },
    });
  if (isOpen) open();
  const ask = (path: string, init?: RequestInit) => fetch(`${gateway.url}${path}`, init);
  return { gateway, ask, advanced, measured, open };
}

describe('the gateway', () => {
  it('hands a request to the route’s function and its answer back', async () => {
    const { ask } = await start();
    const response = await ask('/tasks/7?wait=20', { headers: { authorization: 'Bearer x' } });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      routeKey: 'GET /tasks/{id}',
      pathParameters: { id: '7' },
      queryStringParameters: { wait: '20' },
      headers: { authorization: 'Bearer x' },
      requestContext: { requestId: 'request-1', timeEpoch: NOW, apiId: 'api1' },
    });
  });

  it('carries repeated headers both ways over real HTTP', async () => {
    const cookies = ['a=1; Path=/', 'b=2'];
    const { gateway } = await start({
      handler: (event) => ({ ok: true, payload: { statusCode: 200, cookies, body: event.headers['x-tag'] } }),
    });
    const outgoing = httpRequest(gateway.url, { headers: { 'x-tag': ['one', 'two'] } }).end();
    const [incoming] = await once(outgoing, 'response');
    expect(incoming.headers['set-cookie']).toEqual(cookies);
    expect(String(await incoming.toArray())).toBe('one,two');
  });

  it('carries bytes both ways', async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 128]);
    const { ask } = await start({
      handler: ({ body, isBase64Encoded }) => ({
        ok: true,
        payload: { statusCode: 200, body, isBase64Encoded },
      }),
    });
    const response = await ask('/', {
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body: bytes,
    });
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
  });

  it('answers 503 until it is opened', async () => {
    const { ask, open } = await start({ isOpen: false });
    expect((await ask('/tasks/7')).status).toBe(503);
    expect((await ask('/__laptop')).status).toBe(503);
    open();
    expect((await ask('/tasks/7')).status).toBe(200);
  });

  it('answers 404 as API Gateway does when no route takes the request', async () => {
    const { ask } = await start({ routes: ['GET /tasks/{id}'] });
    const response = await ask('/tasks/7/');
    expect([response.status, await response.text()]).toEqual([404, '{"message":"Not Found"}']);
  });

  it('answers 413 to a body over 10 MiB and hands over one of exactly that size', async () => {
    const { ask } = await start({ handler: () => ({ ok: true, payload: { statusCode: 204 } }) });
    const post = (size: number) => ask('/', { method: 'POST', body: Buffer.alloc(size) });
    const tooLarge = await post(10 * 1024 * 1024 + 1);
    expect([tooLarge.status, await tooLarge.text()]).toEqual([413, '{"message":"Request Entity Too Large"}']);
    expect((await post(10 * 1024 * 1024)).status).toBe(204);
  });

  it('answers 503 when the function takes too long, and counts it until it ends', async () => {
    const ended = Promise.withResolvers<InvocationResult>();
    const { ask, gateway } = await start({ handler: () => ended.promise, integrationTimeoutMs: 30 });
    const response = await ask('/tasks/7');
    expect([response.status, await response.text()]).toEqual([503, '{"message":"Service Unavailable"}']);
    expect(gateway.activity.inFlight).toBe(1);
    ended.resolve({ ok: true, payload: null });
    await gateway.activity.onIdle();
  });

  it('answers 500 to a function error, and to headers that HTTP cannot carry', async () => {
    const failing = await start({
      handler: () => ({ ok: false, errorType: 'Error', errorMessage: 'secret' }),
    });
    const response = await failing.ask('/');
    expect([response.status, await response.text()]).toEqual([500, '{"message":"Internal Server Error"}']);

    const headers = { 'x-bad': 'line\nbreak' };
    const odd = await start({ handler: () => ({ ok: true, payload: { statusCode: 200, headers } }) });
    expect((await odd.ask('/')).status).toBe(500);
  });

  it('serves a named stage below its name', async () => {
    const { ask } = await start({ stage: 'dev' });
    expect(await (await ask('/dev/tasks/7')).json()).toMatchObject({
      rawPath: '/dev/tasks/7',
      pathParameters: { id: '7' },
    });
    expect((await ask('/tasks/7')).status).toBe(404);
  });

  it('listens on 127.0.0.1 only', async () => {
    const { gateway } = await start();
    const port = Number(new URL(gateway.url).port);
    expect(await knock('127.0.0.1', port)).toBe('connected');
    for (const host of otherAddresses()) expect(await knock(host, port)).toBe('ECONNREFUSED');
  });

  it('says in one line that a port is taken', async () => {
    const { gateway } = await start();
    const port = Number(new URL(gateway.url).port);
    await expect(start({ port })).rejects.toThrow(
      `port ${port} is taken: stop the other program or pass --port N`,
    );
  });
});

describe('what is measured of requests', () => {
  it('is told of each that the API answered, with the time that went by on the laptop’s clock', async () => {
    let time = NOW;
    const { ask, measured } = await start({
      now: () => time,
      routes: ['GET /tasks/{id}'],
      handler: ({ rawPath }) => {
        time += 250;
        return rawPath.endsWith('bad')
          ? { ok: false, errorType: 'Error', errorMessage: 'no luck' }
          : echo({} as never);
      },
    });
    for (const path of ['/tasks/1', '/tasks/bad', '/nowhere', '/__laptop']) await ask(path);
    expect(measured).toEqual([
      { status: 200, at: NOW, latencyMs: 250, integrationLatencyMs: 250 },
      { status: 500, at: NOW + 250, latencyMs: 250, integrationLatencyMs: 250 },
      { status: 404, at: NOW + 500, latencyMs: 0, integrationLatencyMs: null },
    ]);
  });
});

describe('the laptop’s own routes', () => {
  const post = (body: string, headers: Record<string, string> = {}) => ({ method: 'POST', body, headers });

  it('move the clock and tell what fired', async () => {
    const { ask, advanced } = await start();
    const response = await ask('/__laptop/clock', post('{"advance_seconds": 60.5}'));
    expect(await response.json()).toEqual({
      now: '2026-11-01T12:00:00.000Z',
      fired: [{ rule: 'nightly', at: '2026-11-01T12:01:00.000Z' }],
      coalesced: [],
      busy_steps: 0,
    });
    expect(advanced).toEqual([60_500]);
  });

  it.each([
    '',
    '{',
    '{}',
    '{"advance_seconds": -1}',
    '{"advance_seconds": "60"}',
    '{"advance_seconds": 1, "x": 1}',
    '{"advance_seconds": 1e12}',
  ])('refuse to move the clock by %s', async (body) => {
    const { ask, advanced } = await start();
    expect((await ask('/__laptop/clock', post(body))).status).toBe(422);
    expect(advanced).toEqual([]);
  });

  it('tell of the alarms', async () => {
    const { ask } = await start();
    const response = await ask('/__laptop/alarms');
    expect(await response.json()).toEqual({ items: [silent] });
    expect((await ask('/__laptop/alarms', post('{}'))).status).toBe(404);
  });

  it('show the status, and 404 for anything else below their path', async () => {
    const { ask } = await start();
    expect(await (await ask('/__laptop')).json()).toEqual({ functions: ['api'] });
    expect((await ask('/__laptop/nothing')).status).toBe(404);
    expect(await (await ask('/__laptops')).json()).toMatchObject({ routeKey: '$default' });
  });

  it('refuse pages of other sites', async () => {
    const { ask, advanced, gateway } = await start();
    const move = '{"advance_seconds": 60}';
    expect((await ask('/__laptop/clock', post(move, { origin: 'https://evil.example' }))).status).toBe(403);
    const outgoing = httpRequest(`${gateway.url}/__laptop`, { headers: { host: 'evil.example' } }).end();
    const [incoming] = await once(outgoing, 'response');
    incoming.resume();
    expect(incoming.statusCode).toBe(403);
    expect(advanced).toEqual([]);
    expect((await ask('/__laptop/clock', post(move, { origin: gateway.url }))).status).toBe(200);
  });
});
