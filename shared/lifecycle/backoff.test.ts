import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDelay, exponential, fixed, fullJitter } from './backoff.ts';

const retries = fc.integer({ min: 1, max: 60 });
const seconds = fc.integer({ min: 1, max: 3600 });
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('backoffDelay', () => {
  it('waits 10, 20, 40 … seconds up to the cap when exponential', () => {
    const delays = [1, 2, 3, 4, 5].map((retry) => backoffDelay(exponential(10, 60), retry, 0));
    expect(delays).toEqual([10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it('waits the same each time when fixed', () => {
    fc.assert(
      fc.property(seconds, retries, chance, (wait, retry, random) => {
        expect(backoffDelay(fixed(wait), retry, random)).toBe(wait * 1000);
      }),
    );
  });

  it('never shrinks, and never passes the cap, when exponential', () => {
    fc.assert(
      fc.property(seconds, seconds, retries, (first, cap, retry) => {
        const backoff = exponential(first, cap);
        const delay = backoffDelay(backoff, retry, 0);
        expect(delay).toBeLessThanOrEqual(cap * 1000);
        expect(backoffDelay(backoff, retry + 1, 0)).toBeGreaterThanOrEqual(delay);
      }),
    );
  });

  it('spreads full jitter over zero to the exponential delay, in proportion to chance', () => {
    fc.assert(
      fc.property(seconds, seconds, retries, chance, (first, cap, retry, random) => {
        const longest = backoffDelay(exponential(first, cap), retry, 0);
        const delay = backoffDelay(fullJitter(first, cap), retry, random);
        expect(delay).toBe(Math.floor(longest * random));
        expect(Number.isSafeInteger(delay)).toBe(true);
      }),
    );
  });
});
