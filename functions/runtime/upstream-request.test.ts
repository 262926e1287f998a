import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { type RunningUpstream, startUpstream } from '#tools/upstreams/start-upstream.ts';
import { requestBytes, requestJson, type UpstreamRequest } from './upstream-request.ts';

const SECRET = 'pk.very+secret';
const NOW = new Date('2026-11-20T10:00:00Z');
let upstream: RunningUpstream;

beforeAll(async () => {
  upstream = await startUpstream({
    routes: [
      { method: 'GET', path: '/fruit', handle: () => ({ status: 200, body: '{"name":"fig","ripe":true}' }) },
    ],
  });
});

afterEach(async () => {
  await fetch(`${upstream.url}/__faults`, { method: 'DELETE' });
  await fetch(`${upstream.url}/__requests`, { method: 'DELETE' });
});

afterAll(() => upstream.stop());

function request(changes: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return {
    upstream: 'Orchard',
    purpose: 'a fruit',
    url: new URL(`/fruit?key=${encodeURIComponent(SECRET)}`, upstream.url),
    secrets: [SECRET],
    correlationId: null,
    signal: new AbortController().signal,
    timeoutMs: 10_000,
    fetch,
    now: () => NOW,
    ...changes,
  };
}

async function order(fault: object): Promise<void> {
  const body = JSON.stringify({ match: '/fruit', ...fault });
  const reply = await fetch(`${upstream.url}/__faults`, { method: 'POST', body });
  expect(reply.status).toBe(201);
}

async function requestsServed(): Promise<unknown[]> {
  return z.array(z.unknown()).parse(await (await fetch(`${upstream.url}/__requests`)).json());
}

/** The error a request ends with; whatever it is, the secret must be nowhere in what a log would print. */
async function failure(asked: UpstreamRequest): Promise<unknown> {
  const error = await requestBytes(asked).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  const printed = inspect(error, { depth: null, showHidden: true });
  expect(printed).not.toContain(SECRET);
  expect(printed).not.toContain(encodeURIComponent(SECRET));
  return error;
}

describe('requestBytes', () => {
  it('gives the body', async () => {
    expect(new TextDecoder().decode(await requestBytes(request()))).toBe('{"name":"fig","ripe":true}');
  });

  it('tells the service the correlation id, where there is one', async () => {
    await requestBytes(request({ correlationId: 'order-1042' }));
    await requestBytes(request());
    const [first, second] = await requestsServed();
    expect(first).toMatchObject({ correlation_id: 'order-1042' });
    expect(second).not.toHaveProperty('correlation_id');
  });

  it.each([400, 401, 402, 403, 404, 410, 422])(
    'ends for good on %i, with the service’s words',
    async (status) => {
      await order({ status, body: '{"message":"No such fruit"}', headers: { 'Retry-After': '5' } });
      expect(await failure(request())).toMatchObject({
        name: 'UpstreamRefusal',
        message: `Orchard answered ${status} to a fruit: No such fruit`,
      });
    },
  );

  it.each([408, 425, 429, 500, 502, 503, 504])(
    'retries %i by the task’s backoff without a delay',
    async (status) => {
      await order({ status });
      expect(await failure(request())).toMatchObject({ name: 'UpstreamError', upstream: 'Orchard', status });
    },
  );

  it.each([
    [429, '30', 30],
    [503, '0', 0],
    [503, 'Fri, 20 Nov 2026 10:02:00 GMT', 120],
    [500, 'Fri, 20 Nov 2026 09:00:00 GMT', 0],
  ])('retries %i with Retry-After %s in %i s', async (status, header, seconds) => {
    await order({ status, headers: { 'Retry-After': header } });
    expect(await failure(request())).toMatchObject({
      name: 'RetryAfter',
      seconds,
      message: expect.stringContaining(`Orchard answered ${status} to a fruit`),
      cause: { name: 'UpstreamError', status },
    });
  });

  it('takes an unreadable Retry-After for none', async () => {
    await order({ status: 503, headers: { 'Retry-After': 'soon' } });
    expect(await failure(request())).toMatchObject({ name: 'UpstreamError', status: 503 });
  });

  it('does not follow a redirect', async () => {
    await order({ status: 302, headers: { location: '/fruit' } });
    expect(await failure(request())).toMatchObject({ name: 'UpstreamError', status: 302 });
    expect(await requestsServed()).toHaveLength(1);
  });

  it.each([
    ['plainly', SECRET],
    ['URL-encoded', encodeURIComponent(SECRET)],
    ['across the cut of a long message', `${'x'.repeat(290)}${SECRET}`],
  ])('hides a secret that the service repeats %s', async (_, words) => {
    await order({ status: 403, body: JSON.stringify({ message: words }) });
    const error = await failure(request());
    expect(error).toMatchObject({ name: 'UpstreamRefusal', message: expect.stringContaining('***') });
    expect(String(error)).not.toContain('pk.very');
  });

  it('says the status’s name when the service says nothing readable', async () => {
    await order({ status: 502, body: '<html>Bad gateway</html>' });
    expect(await failure(request())).toMatchObject({
      message: 'Orchard answered 502 to a fruit: Bad Gateway',
    });
  });

  it('retries a connection that was cut, with the reason as cause', async () => {
    await order({ drop: true });
    expect(await failure(request())).toMatchObject({
      name: 'UpstreamError',
      status: null,
      message: expect.stringMatching(/^Orchard could not be reached for a fruit: UND_ERR_SOCKET/),
      cause: { message: 'fetch failed' },
    });
    expect(await requestsServed()).toHaveLength(1);
  });

  it('retries when nobody listens', async () => {
    const gone = await startUpstream({ routes: [] });
    await gone.stop();
    expect(await failure(request({ url: new URL(`?key=${SECRET}`, gone.url) }))).toMatchObject({
      name: 'UpstreamError',
      message: expect.stringContaining('ECONNREFUSED'),
      cause: expect.any(Error),
    });
  });

  it('gives up after the time limit', async () => {
    await order({ delay_ms: 60_000 });
    expect(await failure(request({ timeoutMs: 80 }))).toMatchObject({
      name: 'UpstreamError',
      status: null,
      message: 'Orchard did not answer a fruit within 0.08 s',
      cause: { name: 'TimeoutError' },
    });
  });

  it('throws the signal’s own reason when it is aborted while waiting', async () => {
    await order({ delay_ms: 60_000 });
    const stopping = new AbortController();
    const failed = failure(request({ signal: stopping.signal }));
    await vi.waitFor(async () => expect(await requestsServed()).toHaveLength(1));
    const reason = new Error('cancelled by its owner');
    stopping.abort(reason);
    expect(await failed).toBe(reason);
  });

  it('asks nothing when the signal is aborted already', async () => {
    const reason = new Error('too late');
    expect(await failure(request({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(await requestsServed()).toHaveLength(0);
  });
});

describe('requestJson', () => {
  const Fruit = z.object({ name: z.string() });

  it('gives the parsed body and ignores fields it does not know', async () => {
    expect(await requestJson(request(), Fruit)).toEqual({ name: 'fig' });
  });

  it.each([
    ['another shape', '{"name":7}', 'at "name"'],
    ['no JSON', `<html>${SECRET}`, 'it is not JSON'],
    ['nothing', '', 'it is not JSON'],
  ])('retries a 200 with %s', async (_, body, fault) => {
    await order({ status: 200, body });
    const error = await requestJson(request(), Fruit).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'UpstreamError',
      status: 200,
      message: expect.stringContaining(fault),
    });
    expect(inspect(error, { depth: null })).not.toContain(SECRET);
  });
});
