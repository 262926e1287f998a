import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setFixtureScene } from './fixture-scene.ts';
import { catchStrayRejections, withStrayRejections } from './stray-rejections.ts';

/** Who was told of which error; `nobody` are those that no scope was found for. */
let told: string[];
let arrived: EventEmitter;
let undo: () => void;
const vitest = process.listeners('unhandledRejection');

beforeEach(() => {
  told = [];
  arrived = new EventEmitter();
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', tell('nobody'));
  undo = catchStrayRejections();
});
afterEach(() => {
  undo();
  process.removeAllListeners('unhandledRejection');
  for (const listener of vitest) process.on('unhandledRejection', listener);
});

const tell = (scope: string) => (error: unknown) => {
  told.push(`${scope}: ${error instanceof Error ? error.message : String(error)}`);
  arrived.emit('stray');
};

/** Runs work in a scope of that name; its own rejection is nobody's stray. */
const inScope = (scope: string, work: () => unknown) =>
  withStrayRejections(async () => void (await work()), tell(scope));

async function strays(count: number): Promise<string[]> {
  while (told.length < count) await once(arrived, 'stray');
  // Were there one too many, it would be here by now.
  await turn();
  return told.toSorted();
}

const fail = (message: string) => Promise.reject(new Error(message));

/** Each leaves a rejected promise behind that nobody handles. */
const ways: readonly [string, (message: string) => unknown][] = [
  ['at once', (message) => void fail(message)],
  ['in an async function', (message) => void (async () => fail(await message))()],
  ['in a timer', (message) => void setTimeout(() => void fail(message), 1)],
  [
    'by a timer',
    (message) => void new Promise((_, reject) => setTimeout(() => reject(new Error(message)), 1)),
  ],
  ['in an immediate', (message) => void setImmediate(() => void fail(message))],
  ['in a tick', (message) => process.nextTick(() => void fail(message))],
  ['in a microtask', (message) => queueMicrotask(() => void fail(message))],
  ['after a wait', (message) => void turn().then(() => fail(message))],
  ['as one of several', (message) => void Promise.all([turn(), fail(message)])],
  ['in an own emitter', (message) => new EventEmitter().on('go', () => void fail(message)).emit('go')],
  ['by an abort', (message) => void abortedWait(message)],
];

async function abortedWait(message: string): Promise<void> {
  const abort = new AbortController();
  const waiting = once(new EventEmitter(), 'never', { signal: abort.signal });
  abort.abort();
  await waiting.catch(() => fail(message));
}

describe('a rejection that nobody handles', () => {
  it.each(ways)('is told to its own scope among several, when it comes %s', async (_, leave) => {
    await Promise.all(['a', 'b', 'c'].map((name) => inScope(name, () => leave(name))));
    expect(await strays(3)).toEqual(['a: a', 'b: b', 'c: c']);
  });

  it('is told to its scope after the work of it has ended', async () => {
    const gate = Promise.withResolvers<void>();
    await inScope('a', () => void gate.promise.then(() => fail('late')));
    await inScope('b', () => gate.resolve());
    expect(await strays(1)).toEqual(['a: late']);
  });

  it('is told to the scope that waited for it, not to the one that caused it', async () => {
    const gate = Promise.withResolvers<void>();
    await inScope('a', () => void (async () => gate.promise)());
    await inScope('b', () => void gate.promise.then(() => undefined));
    await inScope('c', () => gate.reject(new Error('shared')));
    expect(await strays(2)).toEqual(['a: shared', 'b: shared']);
  });

  it('is told to the caller of reject when nobody ever waited', async () => {
    const bare = Promise.withResolvers<void>();
    await inScope('a', () => bare);
    await inScope('b', () => bare.reject(new Error('bare')));
    expect(await strays(1)).toEqual(['b: bare']);
  });

  it('is told to the innermost scope', async () => {
    await inScope('outer', () => inScope('inner', () => void fail('deep')));
    expect(await strays(1)).toEqual(['inner: deep']);
  });

  it('keeps its scope over a connection that another scope has opened', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/cut') request.socket.destroy();
      else response.end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await inScope('a', async () => (await fetch(url)).text());
    await inScope('b', () => void fetch(`${url}/cut`));
    expect(await strays(1)).toEqual(['b: fetch failed']);
    server.close();
    server.closeAllConnections();
  });
});

describe('what is no stray', () => {
  it('is a rejection of the work itself, or one that it handles', async () => {
    const work = withStrayRejections(async () => fail('its own'), tell('a'));
    await expect(work).rejects.toThrow('its own');
    await inScope('b', () => fail('handled').catch(() => undefined));
    expect(await strays(0)).toEqual([]);
  });
});

describe('a rejection outside every scope', () => {
  it('goes to the listeners that were there before', async () => {
    void fail('stray');
    expect(await strays(1)).toEqual(['nobody: stray']);
  });

  it('ends the process as Node would when there were none', async () => {
    const module = JSON.stringify(import.meta.resolve('./stray-rejections.ts'));
    const code = `import { catchStrayRejections } from ${module};
      catchStrayRejections();
      setTimeout(() => console.log('still here'), 1000);
      Promise.reject(new Error('nobody knows'));`;
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', code]);
    await expect(run).rejects.toMatchObject({
      ...{ code: 1, stdout: '', stderr: expect.stringContaining('nobody knows') },
    });
  });

  it('goes to them alone again once that is undone', async () => {
    undo();
    await inScope('a', () => void fail('stray'));
    expect(await strays(1)).toEqual(['nobody: stray']);
  });
});

describe('a task that forgets a promise', () => {
  it('fails with that error at once, and the task beside it succeeds', async () => {
    const { ports, runs, worker, submit, record } = setFixtureScene();
    const forgetful = await submit({ mode: 'hang' });
    const good = await submit({ mode: 'ok' });
    runs.onRun(async ({ taskId }) => {
      if (taskId === forgetful) void fail('forgotten');
      await turn();
    });
    const polled = worker.poll();
    await ports.clock.advance(1);
    await polled;
    expect(await record(forgetful)).toMatchObject({ state: 'RETRY', error: { message: 'forgotten' } });
    expect(await record(good)).toMatchObject({ state: 'SUCCESS' });
    expect(told).toEqual([]);
  });
});
