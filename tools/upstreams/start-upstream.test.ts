import { createServer } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type RunningUpstream, startUpstream, type UpstreamOptions } from './start-upstream.ts';
import { jsonReply, type UpstreamRoute } from './upstream-route.ts';

const hello: UpstreamRoute = { method: 'GET', path: '/hello', handle: () => jsonReply(200, { hi: 1 }) };
const running: RunningUpstream[] = [];

async function start(options: Partial<UpstreamOptions> = {}): Promise<string> {
  const upstream = await startUpstream({ routes: [hello], ...options });
  running.push(upstream);
  return upstream.url;
}

function send(method: string, url: string, body?: unknown): Promise<Response> {
  return fetch(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
}

async function read(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((upstream) => upstream.stop()));
});

describe('startUpstream', () => {
  it('serves its routes and answers 404 elsewhere', async () => {
    const url = await start();
    expect(await read(`${url}/hello`)).toEqual({ hi: 1 });
    const lost = await fetch(`${url}/nowhere`);
    expect([lost.status, await lost.json()]).toEqual([404, { message: 'Not Found' }]);
    expect((await send('POST', `${url}/hello`, {})).status).toBe(404);
  });

  it('hands routes the body, the query and the headers', async () => {
    const echo: UpstreamRoute = {
      method: 'POST',
      path: '/echo/*',
      handle: ({ path, query, headers, body }) =>
        jsonReply(200, { path, q: query.get('q'), tag: headers['x-tag'], body: body.toString() }),
    };
    const url = await start({ routes: [echo] });
    const reply = await fetch(`${url}/echo/1?q=2`, {
      method: 'POST',
      body: 'three',
      headers: { 'x-tag': '4' },
    });
    expect(await reply.json()).toEqual({ path: '/echo/1', q: '2', tag: '4', body: 'three' });
  });

  it('listens on 127.0.0.1 alone', async () => {
    const url = await start();
    expect(new URL(url).hostname).toBe('127.0.0.1');
    await expect(fetch(`${url.replace('127.0.0.1', '127.0.0.2')}/hello`)).rejects.toThrow();
  });

  it('says so when the port is taken', async () => {
    const port = Number(new URL(await start()).port);
    await expect(startUpstream({ port, routes: [] })).rejects.toThrow(`127.0.0.1:${port}. Give a free port`);
  });

  it('answers 500 and logs when a route throws', async () => {
    const broken: UpstreamRoute = { ...hello, handle: () => Promise.reject(new Error('a bug')) };
    const lines: string[] = [];
    const url = await start({ routes: [broken], log: (line) => lines.push(line) });
    const reply = await fetch(`${url}/hello`);
    expect([reply.status, await reply.text()]).toEqual([500, 'The stand-in itself failed: Error: a bug']);
    expect(lines.join()).toContain('a bug');
  });

  it('stops at once though requests are waiting, and may be stopped twice', async () => {
    const upstream = await startUpstream({ routes: [hello] });
    await send('POST', `${upstream.url}/__faults`, { match: '/hello', delay_ms: 600_000 });
    const waiting = fetch(`${upstream.url}/hello`);
    const refused = expect(waiting).rejects.toThrow('fetch failed');
    await vi.waitFor(async () => expect(await read(`${upstream.url}/__requests`)).toHaveLength(1));
    await upstream.stop();
    await refused;
    await upstream.stop();
    const port = Number(new URL(upstream.url).port);
    const next = createServer();
    await new Promise<void>((resolve) => next.listen(port, '127.0.0.1', resolve));
    await new Promise((resolve) => next.close(resolve));
  });
});

describe('faults on order', () => {
  it('answers the ordered status and headers, then the right reply again', async () => {
    const url = await start();
    const ordered = await send('POST', `${url}/__faults`, {
      match: '/hel*',
      status: 503,
      times: 2,
      headers: { 'Retry-After': '7' },
    });
    expect(ordered.status).toBe(201);
    const first = await fetch(`${url}/hello`);
    expect([first.status, first.headers.get('retry-after'), await first.json()]).toEqual([
      503,
      '7',
      { message: 'Service Unavailable' },
    ]);
    expect(await read(`${url}/__faults`)).toMatchObject([{ match: '/hel*', status: 503, times: 1 }]);
    expect((await fetch(`${url}/hello`)).status).toBe(503);
    expect((await fetch(`${url}/hello`)).status).toBe(200);
    expect(await read(`${url}/__faults`)).toEqual([]);
  });

  it('puts an ordered body in place of the service’s own', async () => {
    const url = await start();
    await send('POST', `${url}/__faults`, { match: '/hello', status: 200, body: '<html>' });
    const reply = await fetch(`${url}/hello`);
    expect([reply.status, await reply.text()]).toEqual([200, '<html>']);
  });

  it('is slow but right with a delay alone', async () => {
    const url = await start();
    await send('POST', `${url}/__faults`, { match: '/hello', delay_ms: 120 });
    const began = performance.now();
    expect(await read(`${url}/hello`)).toEqual({ hi: 1 });
    expect(performance.now() - began).toBeGreaterThanOrEqual(115);
  });

  it('cuts the connection on drop, and serves the next request', async () => {
    const url = await start();
    await send('POST', `${url}/__faults`, { match: '/hello', drop: true });
    await expect(fetch(`${url}/hello`)).rejects.toThrow('fetch failed');
    expect(await read(`${url}/hello`)).toEqual({ hi: 1 });
  });

  it('is cleared by DELETE', async () => {
    const url = await start();
    await send('POST', `${url}/__faults`, { match: '/*', status: 503, times: 9 });
    expect((await send('DELETE', `${url}/__faults`)).status).toBe(204);
    expect((await fetch(`${url}/hello`)).status).toBe(200);
  });

  it('refuses a wrong order with 422, naming each field', async () => {
    const url = await start();
    const reply = await send('POST', `${url}/__faults`, { match: '/*', status: 'down', typo: 1 });
    expect(reply.status).toBe(422);
    expect(await reply.json()).toMatchObject({
      message: expect.stringContaining('typo'),
      errors: [{ path: 'status' }, { path: '' }],
    });
    expect((await fetch(`${url}/__faults`, { method: 'POST', body: '{' })).status).toBe(422);
    expect(await read(`${url}/__faults`)).toEqual([]);
  });

  it('never faults the controls themselves', async () => {
    const url = await start();
    await send('POST', `${url}/__faults`, { match: '/*', status: 503 });
    expect((await fetch(`${url}/__requests`)).status).toBe(200);
  });
});

describe('the request log', () => {
  it('tells what was asked, in order, without tokens', async () => {
    const url = await start({ now: () => new Date(0) });
    await send('POST', `${url}/__faults`, { match: '/hello', drop: true });
    await expect(fetch(`${url}/hello?access_token=pk.secret&q=1`)).rejects.toThrow();
    await fetch(`${url}/hello?q=2&Token=pk.secret`);
    await fetch(`${url}/lost`);
    const at = '1970-01-01T00:00:00.000Z';
    expect(await read(`${url}/__requests`)).toEqual([
      { method: 'GET', path: '/hello', query: { q: '1' }, at, status: null },
      { method: 'GET', path: '/hello', query: { q: '2' }, at, status: 200 },
      { method: 'GET', path: '/lost', query: {}, at, status: 404 },
    ]);
    await send('DELETE', `${url}/__requests`);
    expect(await read(`${url}/__requests`)).toEqual([]);
  });
});
