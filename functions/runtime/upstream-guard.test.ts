import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RetryAfter } from '#shared/tasks/task-errors.ts';
import { UpstreamError, UpstreamRefusal } from './upstream-error.ts';
import { createUpstreamGuard, isCircuitOpen, type UpstreamGuard } from './upstream-guard.ts';

const never = new AbortController().signal;
const down = new UpstreamError('Mapbox', 503, 'Mapbox answered 503');
const busy = new RetryAfter(5, 'Mapbox answered 429');
const refused = new UpstreamRefusal(422, 'Mapbox answered 422');

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

let guard: UpstreamGuard;
let requests: number;
beforeEach(() => {
  requests = 0;
  guard = createUpstreamGuard({
    upstream: 'Mapbox',
    concurrency: 2,
    failures: 3,
    restMs: 30_000,
    leastWaitMs: 0,
  });
});

/** Asks the service, which answers with the value or fails with the error; gives back what comes of it. */
async function ask(outcome: unknown, signal = never, guarded = guard): Promise<unknown> {
  try {
    return await guarded(signal, async () => {
      requests++;
      if (outcome instanceof Error) throw outcome;
      return outcome;
    });
  } catch (error) {
    return error;
  }
}

async function openCircuit(): Promise<void> {
  for (let times = 0; times < 3; times++) expect(await ask(down)).toBe(down);
  requests = 0;
}

describe('the circuit', () => {
  it('passes answers and errors on as they are', async () => {
    expect(await ask('answer')).toBe('answer');
    expect(await ask(down)).toBe(down);
    expect(await ask(refused)).toBe(refused);
    expect(await ask(busy)).toBe(busy);
    expect([down, refused, busy].filter(isCircuitOpen)).toEqual([]);
  });

  it('opens after so many failures in a row, and then nobody is asked', async () => {
    await ask(down);
    await ask(busy);
    await ask(down);
    vi.setSystemTime(1_000_000 + 12_500);
    const spared = await ask('answer');
    expect(spared).toBeInstanceOf(RetryAfter);
    expect(spared).toMatchObject({
      name: 'CircuitOpen',
      seconds: 18,
      message: 'Mapbox failed 3 times in a row and is not asked for now',
    });
    expect(requests).toBe(3);
  });

  it.each([
    ['an answer', 'answer'],
    ['a refusal, which is an answer too', refused],
  ])('starts to count anew after %s', async (_, outcome) => {
    for (const each of [down, down, outcome, down, down]) expect(await ask(each)).toBe(each);
    expect(await ask('answer')).toBe('answer');
  });

  it('does not count what tells nothing of the service', async () => {
    const fault = new TypeError('our own');
    for (const each of [down, down, fault, fault, fault]) expect(await ask(each)).toBe(each);
    expect(await ask(down)).toBe(down);
    expect(await ask('answer')).toSatisfy(isCircuitOpen);
  });

  it('lets one request try when it has rested, while the others wait for what it tells', async () => {
    await openCircuit();
    vi.setSystemTime(1_000_000 + 30_000);
    const trial = Promise.withResolvers<string>();
    const first = guard(never, () => trial.promise);
    const second = ask('second');
    await setImmediate();
    expect(requests).toBe(0);
    trial.resolve('first');
    expect(await first).toBe('first');
    expect(await second).toBe('second');
    expect(await ask('third')).toBe('third');
  });

  it('rests anew when the trial fails, the waiting spared', async () => {
    await openCircuit();
    vi.setSystemTime(1_000_000 + 31_000);
    const trial = Promise.withResolvers<string>();
    const first = guard(never, () => trial.promise).catch((error: unknown) => error);
    const second = ask('second');
    trial.reject(down);
    expect(await first).toBe(down);
    expect(await second).toMatchObject({ name: 'CircuitOpen', seconds: 30 });
    vi.setSystemTime(1_000_000 + 60_999);
    expect(await ask('answer')).toMatchObject({ name: 'CircuitOpen', seconds: 1 });
    vi.setSystemTime(1_000_000 + 61_000);
    expect(await ask('answer')).toBe('answer');
  });

  it('stays open after a trial that tells nothing', async () => {
    await openCircuit();
    vi.setSystemTime(1_000_000 + 30_000);
    const abort = new AbortController();
    const reason = new Error('cancelled');
    const trial = guard(abort.signal, async () => {
      abort.abort(reason);
      throw reason;
    });
    await expect(trial).rejects.toBe(reason);
    expect(await ask('answer')).toSatisfy(isCircuitOpen);
  });

  it('never tells a shorter wait than it is told to', async () => {
    const patient = createUpstreamGuard({
      ...{ upstream: 'Mapbox', concurrency: 1, failures: 1 },
      ...{ restMs: 30_000, leastWaitMs: 60_000 },
    });
    await ask(down, never, patient);
    expect(await ask('answer', never, patient)).toMatchObject({ seconds: 60 });
  });
});

describe('the limit', () => {
  it('holds back what is more than the service should have at once', async () => {
    const ends = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
    let active = 0;
    let most = 0;
    const asked = ends.map(({ promise }) =>
      guard(never, async () => {
        most = Math.max(most, ++active);
        await promise;
        active--;
      }),
    );
    for (const { resolve } of ends) {
      await setImmediate();
      resolve();
    }
    await Promise.all(asked);
    expect(most).toBe(2);
  });

  it('spares those in line when the circuit opens before their turn', async () => {
    const outcomes = await Promise.all([down, down, down, down, down].map((error) => ask(error)));
    expect(requests).toBe(4);
    expect(outcomes.at(-1)).toSatisfy(isCircuitOpen);
  });

  it('asks nobody for a caller who is gone', async () => {
    const reason = new Error('cancelled');
    expect(await ask('answer', AbortSignal.abort(reason))).toBe(reason);
    expect(requests).toBe(0);
  });
});
