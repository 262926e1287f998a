import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLaptopClock } from './laptop-clock.ts';

const HOUR = 3_600_000;
const clock = createLaptopClock({ offset: HOUR });
let worker: Worker;

beforeAll(() => {
  worker = new Worker(new URL('./fixtures/shifted-thread.ts', import.meta.url), {
    workerData: clock.buffer,
    execArgv: [],
  });
});

afterAll(() => worker.terminate());

async function evaluate(code: string): Promise<unknown> {
  worker.postMessage(code);
  return (await once(worker, 'message'))[0];
}

/** The thread's reading must lie between two readings of the laptop clock. */
async function expectNow(code: string, grain = 1): Promise<void> {
  const before = Math.floor(clock.now() / grain) * grain;
  const seen = await evaluate(code);
  expect(seen).toBeGreaterThanOrEqual(before);
  expect(seen).toBeLessThanOrEqual(clock.now());
}

describe('the shifted Date of a thread', () => {
  it.each([
    ['Date.now()', 1],
    ['new Date().getTime()', 1],
    ['Date.parse(Date())', 1000],
    ['Number(Reflect.construct(Date, []))', 1],
    ['Number(new (class Stamp extends Date {})())', 1],
    // Those who kept the real one do not escape.
    ['RealDate.now()', 1],
    ['Number(new (new RealDate(0).constructor)())', 1],
  ])('carries the offset in %s', async (code, grain) => {
    await expectNow(code, grain);
  });

  it('follows the clock as it moves', async () => {
    const before = await evaluate('Date.now()');
    clock.advance(24 * HOUR);
    await expectNow('Date.now()');
    expect(Number(await evaluate('Date.now()')) - Number(before)).toBeGreaterThanOrEqual(24 * HOUR);
  });

  it.each([
    ['new Date(5).getTime()', 5],
    ['new Date(2026, 0, 2).getDate()', 2],
    ['new Date(undefined).getTime()', Number.NaN],
    ['new Date("2026-01-02T03:04:05Z").toISOString()', '2026-01-02T03:04:05.000Z'],
    ['new Date(new Date(7)).getTime()', 7],
    ['Date.UTC(1970, 0, 1)', 0],
    ['Date.parse("1970-01-01T00:00:01Z")', 1000],
    ['typeof Date()', 'string'],
    ['Date.length', 7],
    ['Date.name', 'Date'],
    ['new Date() instanceof Date', true],
    ['realBefore instanceof Date', true],
    ['new Date() instanceof RealDate', true],
    ['({}) instanceof Date', false],
    ['new Date().constructor === Date', true],
    ['Object.getPrototypeOf(new Date()) === Date.prototype', true],
    ['Object.prototype.toString.call(new Date())', '[object Date]'],
    ['structuredClone(new Date(9)) instanceof Date', true],
    [
      '(() => { class Stamp extends Date { x() { return 1; } } const s = new Stamp(3); return s.x() + s.getTime(); })()',
      4,
    ],
    ['new (class Stamp extends Date {})() instanceof Date', true],
  ])('is Date’s own in %s', async (code, value) => {
    expect(await evaluate(code)).toEqual(value);
  });
});
