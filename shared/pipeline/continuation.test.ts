import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createVirtualClock, type VirtualClock } from '../memory/virtual-clock.ts';
import type { TimeLimit } from '../tasks/define-task.ts';
import { ContinuedLater } from './attempt-errors.ts';
import { openContinuation } from './continuation.ts';

const start = 1_000_000;
const long = { soft: 100, hard: 150, total: 3600 };

function setScene({ limit = long, runMs = 900_000 }: { limit?: TimeLimit; runMs?: number } = {}) {
  const clock = createVirtualClock(start);
  const onRequested = vi.fn();
  const continuation = openContinuation(clock, limit, start + runMs, onRequested);
  return { clock, continuation, onRequested };
}

const lasting = (clock: VirtualClock, ms: number) => () =>
  new Promise<number>((resolve) => void clock.after(ms, () => resolve(clock.now())));

describe('a long task in one invocation', () => {
  it('is told to go on later when less than half a minute is left of its soft limit', async () => {
    const { clock, continuation, onRequested } = setScene();
    expect(await continuation.run(async () => 'first')).toBe('first');
    await clock.advance(70_000);
    expect(await continuation.run(async () => 'just in time')).toBe('just in time');
    await clock.advance(1);
    expect(onRequested).not.toHaveBeenCalled();
    await expect(continuation.run(async () => 'late')).rejects.toBeInstanceOf(ContinuedLater);
    expect(continuation.isRequested()).toBe(true);
    expect(onRequested).toHaveBeenCalledOnce();
  });

  it('or of its function, whichever ends first', async () => {
    const { clock, continuation } = setScene({ runMs: 80_000 });
    await continuation.run(async () => 1);
    await clock.advance(50_001);
    await expect(continuation.run(async () => 2)).rejects.toThrow('fresh invocation');
  });

  it('is given more for a step when its steps take long', async () => {
    const { clock, continuation } = setScene();
    const first = continuation.run(lasting(clock, 30_000));
    await clock.advance(30_000);
    await first;
    await clock.advance(25_000);
    await continuation.run(async () => 'with 45 s left');
    await clock.advance(1);
    await expect(continuation.run(async () => 'too late')).rejects.toThrow('fresh invocation');
  });

  it('does at least one step, however little time is left', async () => {
    const { clock, continuation } = setScene();
    await clock.advance(99_999);
    await expect(continuation.run(() => Promise.reject(new Error('no step done')))).rejects.toThrow(
      'no step',
    );
    expect(await continuation.run(async () => 'done')).toBe('done');
    await expect(continuation.run(async () => 'one too many')).rejects.toThrow('fresh invocation');
  });

  it('never goes on elsewhere without a total limit', async () => {
    const { clock, continuation } = setScene({ limit: { soft: 100, hard: 150 } });
    await continuation.run(async () => 1);
    await clock.advance(99_999);
    expect(await continuation.run(async () => 2)).toBe(2);
    expect(continuation.isRequested()).toBe(false);
  });

  it('begins nothing of what it puts off, then or afterwards', async () => {
    const { clock, continuation, onRequested } = setScene();
    await continuation.run(async () => 1);
    await clock.advance(99_000);
    const effect = vi.fn(async () => 2);
    for (let again = 0; again < 3; again++) {
      await expect(continuation.run(effect)).rejects.toBeInstanceOf(ContinuedLater);
    }
    expect(effect).not.toHaveBeenCalled();
    expect(onRequested).toHaveBeenCalledOnce();
  });
});

describe('steps that run side by side', () => {
  it('end before any that is put off is told so, be it the first of those or a later one', async () => {
    const { clock, continuation, onRequested } = setScene();
    await continuation.run(async () => 0);
    await clock.advance(60_000);
    const ends: string[] = [];
    const note = (name: string) => () => void ends.push(name);
    void continuation.run(lasting(clock, 30_000)).then(note('quick'));
    void continuation.run(lasting(clock, 45_000)).then(note('slow'));
    void continuation.run(() => Promise.reject(new Error('broken'))).catch(note('broken'));
    await clock.advance(15_000);
    for (const name of ['first', 'second']) void continuation.run(async () => name).catch(note(name));
    await clock.advance(15_000);
    void continuation.run(async () => 'third').catch(note('third'));
    await clock.advance(14_999);
    expect(ends).toEqual(['broken', 'quick']);
    expect(onRequested).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(ends.slice(0, 3)).toEqual(['broken', 'quick', 'slow']);
    expect(ends.slice(3).sort()).toEqual(['first', 'second', 'third']);
    expect(onRequested).toHaveBeenCalledOnce();
  });
});

it('a task of steps that are alike comes further in each invocation, and is never cut off by its soft limit', async () => {
  const alike = fc.record({
    stepMs: fc.integer({ min: 1, max: 60_000 }),
    lanes: fc.integer({ min: 1, max: 4 }),
    soft: fc.integer({ min: 120, max: 400 }),
  });
  await fc.assert(
    fc.asyncProperty(alike, async ({ stepMs, lanes, soft }) => {
      const { clock, continuation } = setScene({ limit: { soft, hard: soft + 60, total: 36_000 } });
      let done = 0;
      const lane = async () => {
        for (let step = 0; step < 500; step++) {
          await continuation.run(lasting(clock, stepMs));
          done++;
          expect(clock.now()).toBeLessThanOrEqual(start + soft * 1000);
        }
      };
      const ended = Promise.allSettled(Array.from({ length: lanes }, lane));
      await clock.advance(soft * 1000);
      await ended;
      expect(done).toBeGreaterThan(0);
      // Most of the time is used.
      if (done < 500 * lanes)
        expect(done * stepMs).toBeGreaterThan(lanes * soft * 1000 * 0.4 - stepMs * lanes);
    }),
    { numRuns: 60, seed: 20_261_121 },
  );
});

describe('a step within a step', () => {
  it('is done with it, though little time is left: it would else wait for itself', async () => {
    const { clock, continuation } = setScene();
    await continuation.run(async () => 'first');
    const outer = continuation.run(async () => {
      await lasting(clock, 80_000)();
      return continuation.run(async () => 'inner');
    });
    await clock.advance(80_000);
    expect(await outer).toBe('inner');
    await expect(continuation.run(async () => 'late')).rejects.toBeInstanceOf(ContinuedLater);
  });
});
