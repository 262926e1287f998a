import { afterEach, describe, expect, it } from 'vitest';
import { createLaptopClock } from '../clock/laptop-clock.ts';
import { endPools, poolOf } from './fixtures/pool-of.ts';

afterEach(endPools);

describe('faults', () => {
  it('reports what a handler throws and keeps the thread warm', async () => {
    const { pool } = poolOf(
      'let n = 0; exports.handler = async (event) => { n += 1; if (event) throw new RangeError("no " + event); return n; }',
    );
    expect(await pool.invoke('way')).toEqual({ ok: false, errorType: 'RangeError', errorMessage: 'no way' });
    expect(await pool.invoke(null)).toEqual({ ok: true, payload: 2 });
  });

  it('ends a thread that overruns its time, also in a closed loop, and starts afresh', async () => {
    const { pool } = poolOf(
      'let n = 0; exports.handler = async (event) => { n += 1; if (event) for (;;); return n; }',
      {
        timeoutSeconds: 0.3,
      },
    );
    expect(await pool.invoke(null)).toEqual({ ok: true, payload: 1 });
    const started = performance.now();
    expect(await pool.invoke('loop')).toEqual({
      ok: false,
      errorType: 'Sandbox.Timedout',
      errorMessage: 'Task timed out after 0.30 seconds',
    });
    expect(performance.now() - started).toBeGreaterThanOrEqual(299);
    expect(await pool.invoke(null)).toEqual({ ok: true, payload: 1 });
  });

  it('is not moved to its time-out by the laptop clock', async () => {
    const clock = createLaptopClock();
    const { pool, printed } = poolOf(
      `const gate = new BroadcastChannel('gate-b');
       exports.handler = (_event, context) => new Promise((resolve) => {
         gate.onmessage = () => { gate.close(); resolve(context.getRemainingTimeInMillis() > 0); };
         console.log('in');
       })`,
      { timeoutSeconds: 20, clock },
    );
    const result = pool.invoke({});
    await printed('in');
    clock.advance(86_400_000);
    const gate = new BroadcastChannel('gate-b');
    gate.postMessage('open');
    expect(await result).toEqual({ ok: true, payload: true });
    gate.close();
  });

  it('reports a process that exits', async () => {
    const { pool } = poolOf('exports.handler = async (code) => process.exit(code)');
    expect(await pool.invoke(3)).toEqual({
      ok: false,
      errorType: 'Runtime.ExitError',
      errorMessage: 'Runtime exited with error: exit status 3',
    });
    expect(await pool.invoke(0)).toEqual({
      ok: false,
      errorType: 'Runtime.ExitError',
      errorMessage: 'Runtime exited without providing a reason',
    });
  });

  it.each([
    ['an uncaught exception', 'setTimeout(() => { throw new TypeError("late") })', 'TypeError', 'late'],
    [
      'an unhandled rejection',
      'Promise.reject(new TypeError("lost"))',
      'Runtime.UnhandledPromiseRejection',
      'lost',
    ],
  ])('ends the thread on %s', async (_name, statement, errorType, errorMessage) => {
    const { pool, lines } = poolOf(
      `let n = 0; exports.handler = (event) => { n += 1; if (!event) return n; ${statement}; return new Promise(() => {}); }`,
    );
    expect(await pool.invoke(null)).toEqual({ ok: true, payload: 1 });
    expect(await pool.invoke('fault')).toEqual({ ok: false, errorType, errorMessage });
    expect(lines.join('\n')).toContain(errorMessage);
    expect(await pool.invoke(null)).toEqual({ ok: true, payload: 1 });
  });

  it('lets a function take unhandled rejections into its own hands', async () => {
    const { pool } = poolOf(
      `process.removeAllListeners('unhandledRejection');
       exports.handler = () => new Promise((resolve) => {
         process.once('unhandledRejection', (reason) => resolve('caught ' + reason.message));
         Promise.reject(new Error('mine'));
       })`,
    );
    expect(await pool.invoke({})).toEqual({ ok: true, payload: 'caught mine' });
  });

  it.each([
    ['throws', 'throw new Error("bad start")', 'Error', 'bad start'],
    [
      'misses a module',
      'require("not-there")',
      'Runtime.ImportModuleError',
      "Cannot find module 'not-there'",
    ],
    ['is no JavaScript', 'exports.handler = (', 'Runtime.UserCodeSyntaxError', 'Unexpected'],
    ['exports no handler', 'exports.other = 1', 'Runtime.HandlerNotFound', 'index.handler is undefined'],
    [
      'takes a callback',
      'exports.handler = (event, context, callback) => callback()',
      'Runtime.CallbackHandlerDeprecated',
      'callback',
    ],
  ])('reports a bundle that %s', async (_name, code, errorType, errorMessage) => {
    const { pool } = poolOf(code);
    expect(await pool.invoke({})).toEqual({
      ok: false,
      errorType,
      errorMessage: expect.stringContaining(errorMessage),
    });
  });

  it('reports a result that is no JSON', async () => {
    const { pool } = poolOf('exports.handler = async () => 1n');
    expect(await pool.invoke({})).toMatchObject({ ok: false, errorType: 'TypeError' });
  });

  it('ends a thread that outgrows its memory', async () => {
    const { pool } = poolOf(
      'const kept = []; exports.handler = async () => { for (;;) kept.push(new Array(1e5).fill({})); }',
      {
        memoryMb: 32,
      },
    );
    expect(await pool.invoke({})).toEqual({
      ok: false,
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('memory'),
    });
  });
});
