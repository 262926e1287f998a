import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createLaptopClock } from '../clock/laptop-clock.ts';
import { endPools, poolOf } from './fixtures/pool-of.ts';

afterEach(endPools);

describe('invocations', () => {
  it('passes the event and the result as copies in JSON', async () => {
    const { pool } = poolOf(
      'exports.handler = async (event) => ({ event, gone: undefined, at: new Date(0) })',
    );
    expect(await pool.invoke({ a: [1, { b: null }] })).toEqual({
      ok: true,
      payload: { event: { a: [1, { b: null }] }, at: '1970-01-01T00:00:00.000Z' },
    });
  });

  it('answers null where the handler returns nothing, and takes handlers that are not async', async () => {
    const { pool } = poolOf('exports.handler = () => {}');
    expect(await pool.invoke(undefined)).toEqual({ ok: true, payload: null });
  });

  it('finds a handler by file and path of exports', async () => {
    const { pool } = poolOf('exports.jobs = { nightly: async () => "ran" }', {
      handler: 'index.jobs.nightly',
    });
    expect(await pool.invoke({})).toEqual({ ok: true, payload: 'ran' });
  });

  it('gives a context that names the function and counts real time down', async () => {
    const { pool } = poolOf(
      `exports.handler = async (_event, context) => {
         const first = context.getRemainingTimeInMillis();
         const end = performance.now() + 30;
         while (performance.now() < end);
         return { ...context, first, spent: first - context.getRemainingTimeInMillis() };
       }`,
      { name: 'named', timeoutSeconds: 7, memoryMb: 192 },
    );
    const result = await pool.invoke({});
    expect(result).toMatchObject({
      ok: true,
      payload: {
        functionName: 'named',
        functionVersion: '$LATEST',
        invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:named',
        memoryLimitInMB: '192',
        logGroupName: '/aws/lambda/named',
        logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\]/),
        awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    });
    const { first, spent } = (result as { payload: { first: number; spent: number } }).payload;
    expect(first).toBeGreaterThan(6_500);
    expect(first).toBeLessThanOrEqual(7_000);
    expect(spent).toBeGreaterThanOrEqual(29);
    expect(spent).toBeLessThan(3_000);
  });

  it('keeps module state warm within a thread and apart between functions', async () => {
    const code =
      'let count = 0; exports.handler = async () => { globalThis.seen = (globalThis.seen ?? 0) + 1; return [++count, globalThis.seen]; }';
    const first = poolOf(code).pool;
    const second = poolOf(code).pool;
    expect(await first.invoke({})).toEqual({ ok: true, payload: [1, 1] });
    expect(await first.invoke({})).toEqual({ ok: true, payload: [2, 2] });
    expect(await second.invoke({})).toEqual({ ok: true, payload: [1, 1] });
  });

  it('runs invocations side by side up to its limit, one a thread, and the rest after them', async () => {
    const { pool, lines, printed } = poolOf(
      `const gate = new BroadcastChannel('gate-' + process.env.GATE);
       const { threadId } = require('node:worker_threads');
       exports.handler = (event) => new Promise((resolve) => {
         if (event.last) return resolve(threadId);
         gate.onmessage = () => { gate.onmessage = null; gate.unref(); resolve(threadId); };
         console.log('in ' + event.n);
       })`,
      { maxConcurrency: 2, environment: { GATE: 'a' } },
    );
    const [one, two, three] = [pool.invoke({ n: 1 }), pool.invoke({ n: 2 }), pool.invoke({ last: true })];
    await Promise.all([printed('in 1'), printed('in 2')]);
    expect(lines).toHaveLength(2);
    const gate = new BroadcastChannel('gate-a');
    gate.postMessage('open');
    const ids = (await Promise.all([one, two, three])).map((result) => result.ok && result.payload);
    gate.close();
    expect(ids[0]).not.toBe(ids[1]);
    expect(ids.slice(0, 2)).toContain(ids[2]);
  });
});

describe('the environment of a function', () => {
  it('is what the template gives and what Lambda sets, and nothing of this process', async () => {
    process.env['CELERIAC_TEST_SECRET'] = 'of the parent';
    const { pool, codeDir } = poolOf('exports.handler = async () => ({ ...process.env })', {
      name: 'alpha',
      environment: { TABLE: 'tasks', AWS_REGION: 'mars-1' },
    });
    const result = await pool.invoke({});
    delete process.env['CELERIAC_TEST_SECRET'];
    expect(result).toEqual({
      ok: true,
      payload: {
        TABLE: 'tasks',
        AWS_REGION: 'us-east-1',
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_LAMBDA_FUNCTION_NAME: 'alpha',
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
        AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/alpha',
        LAMBDA_TASK_ROOT: codeDir,
        TZ: ':UTC',
        AWS_ACCESS_KEY_ID: 'alpha',
        AWS_SECRET_ACCESS_KEY: 'laptop',
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      },
    });
  });

  it('is a function’s own: what one writes the other does not read', async () => {
    const code =
      'exports.handler = async (event) => { if (event) process.env.MARK = event; return process.env.MARK ?? null; }';
    const first = poolOf(code).pool;
    const second = poolOf(code).pool;
    await first.invoke('written');
    expect(await first.invoke(null)).toEqual({ ok: true, payload: 'written' });
    expect(await second.invoke(null)).toEqual({ ok: true, payload: null });
    expect(process.env['MARK']).toBeUndefined();
  });

  it('has the laptop clock’s date, also after the clock moved', async () => {
    const clock = createLaptopClock();
    const { pool } = poolOf('exports.handler = async () => Date.now()', { clock });
    await pool.invoke({});
    clock.advance(3_600_000);
    const before = Date.now() + 3_600_000;
    const result = await pool.invoke({});
    expect(result.ok && Number(result.payload)).toBeGreaterThanOrEqual(before);
  });

  it('loads a CommonJS bundle under a package of ES modules', async () => {
    const { pool, codeDir } = poolOf('exports.handler = async () => typeof require');
    expect(JSON.parse(readFileSync(join(codeDir, 'package.json'), 'utf8'))).toEqual({ type: 'commonjs' });
    expect(await pool.invoke({})).toEqual({ ok: true, payload: 'function' });
  });
});

describe('output', () => {
  it('is logged line by line, also the last line before a crash', async () => {
    const { pool, lines } = poolOf(
      'exports.handler = async () => { console.log("one\\ntwo"); process.stderr.write("three"); process.exit(1); }',
    );
    await pool.invoke({});
    expect(lines.sort()).toEqual(['one', 'three', 'two']);
  });

  it('is all there when a crash is reported, however much it is', async () => {
    const { pool, lines } = poolOf(
      'exports.handler = async () => { for (let n = 0; n < 20000; n++) console.log("line " + n); process.exit(1); }',
    );
    await pool.invoke({});
    expect(lines.at(-1)).toBe('line 19999');
  });
});

describe('ending', () => {
  const wait =
    'exports.handler = async (event) => { if (event) { console.log("in"); await new Promise(() => setInterval(() => {}, 1e6)); } return "fresh"; }';

  it('tells what runs, and kills one of them without the others', async () => {
    const { pool, printed } = poolOf(
      "exports.handler = (event) => { console.log('in ' + event.n); return event.n ? new Promise(() => {}) : 'idle'; }",
    );
    await pool.invoke({ n: 0 });
    expect(pool.running()).toEqual([]);
    const invocations = [pool.invoke({ n: 1 }), pool.invoke({ n: 2 })];
    await Promise.all([printed('in 1'), printed('in 2')]);
    const [first, second] = pool.running();
    expect([first?.event, second?.event]).toEqual([{ n: 1 }, { n: 2 }]);
    expect(await second?.kill()).toBe(true);
    expect(await invocations[1]).toMatchObject({ ok: false, errorType: 'Runtime.ExitError' });
    expect(await second?.kill()).toBe(false);
    expect(pool.running().map(({ event }) => event)).toEqual([{ n: 1 }]);
  });

  it('kills running and idle threads as a crash would; the pool goes on', async () => {
    const { pool, printed } = poolOf(wait);
    const cut = pool.invoke('wait');
    await Promise.all([printed('in'), pool.invoke(null)]);
    expect(await pool.kill()).toBe(2);
    expect(await cut).toEqual({
      ok: false,
      errorType: 'Runtime.ExitError',
      errorMessage: 'Runtime exited with error: signal: killed',
    });
    expect(await pool.invoke(null)).toEqual({ ok: true, payload: 'fresh' });
    expect(await pool.kill()).toBe(1);
  });

  it('stops: what runs, waits or comes later is told so', async () => {
    const { pool, printed } = poolOf(wait, { maxConcurrency: 1 });
    const [running, waiting] = [pool.invoke('wait'), pool.invoke(null)];
    await printed('in');
    await pool.stop();
    for (const result of [await running, await waiting, await pool.invoke(null)]) {
      expect(result).toMatchObject({ ok: false, errorType: 'Sandbox.Stopped' });
    }
    expect(await pool.kill()).toBe(0);
  });
});

describe('what is measured of invocations', () => {
  it('is told when each begins and ends, how long it ran, how it ended, and when it had to wait', async () => {
    const clock = createLaptopClock();
    const { pool, measured } = poolOf(
      `exports.handler = async ({ ms, fail }) => {
         await new Promise((done) => setTimeout(done, ms));
         if (fail) throw new Error('no luck');
       }`,
      { clock, maxConcurrency: 1 },
    );
    const before = clock.now();
    const first = pool.invoke({ ms: 60 });
    const second = pool.invoke({ ms: 1, fail: true });
    clock.advance(15_000);
    await Promise.all([first, second]);
    expect(measured).toEqual([
      { kind: 'began', running: 1 },
      { kind: 'waits' },
      { kind: 'ended', startedAt: expect.any(Number), durationMs: expect.any(Number), ok: true },
      { kind: 'began', running: 1 },
      { kind: 'ended', startedAt: expect.any(Number), durationMs: expect.any(Number), ok: false },
    ]);
    const [one, other] = measured.filter((event) => event.kind === 'ended');
    expect(one?.startedAt).toBeLessThan(before + 15_000);
    expect(other?.startedAt).toBeGreaterThanOrEqual(before + 15_000);
    expect(one?.durationMs).toBeGreaterThanOrEqual(15_059);
    expect(other?.durationMs).toBeLessThan(15_000);
  });

  it('has none run for longer than the function may, however far the clock was moved', async () => {
    const clock = createLaptopClock();
    const { pool, measured } = poolOf(
      'exports.handler = () => new Promise((done) => setTimeout(done, 10));',
      { clock },
    );
    const invocation = pool.invoke({});
    clock.advance(3_600_000);
    await invocation;
    expect(measured).toContainEqual(expect.objectContaining({ kind: 'ended', durationMs: 20_000 }));
  });
});
