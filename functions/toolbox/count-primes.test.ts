import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { taskContext } from '#functions/runtime/fixtures/task-context.ts';
import { countPrimesInThread } from './count-primes.ts';
import { sievePrimes } from './prime-sieve.ts';

const task = countPrimesInThread(fileURLToPath(new URL('./count-primes-thread.ts', import.meta.url)));

describe('count_primes', () => {
  it('counts in a thread and tells how far it is', async () => {
    const told: [number, string][] = [];
    const context = taskContext({ progress: (percent, status) => void told.push([percent, status]) });
    expect(await task.run({ limit: 1_000_000 }, context)).toEqual({ limit: 1_000_000, primes: 78_498 });
    expect(told).toEqual([
      [expect.closeTo(52.4, 1), 'Counted up to 524288'],
      [100, 'Counted up to 1000000'],
    ]);
  });

  it('counts again as often as it is told', async () => {
    const told: number[] = [];
    const context = taskContext({ progress: (percent) => void told.push(percent) });
    expect(await task.run({ limit: 100, rounds: 4 }, context)).toEqual({ limit: 100, primes: 25 });
    expect(told).toEqual([25, 50, 75, 100]);
  });

  it('can be cancelled in the midst of it', async () => {
    const abort = new AbortController();
    const reason = new Error('cancelled');
    const context = taskContext({ signal: abort.signal, progress: () => abort.abort(reason) });
    await expect(task.run({ limit: 50_000_000, rounds: 1000 }, context)).rejects.toBe(reason);
  });

  it.each([{ limit: 0 }, { limit: 50_000_001 }, { limit: 1.5 }, { limit: 9, rounds: 1001 }])(
    'refuses %j',
    async (input) => {
      await expect(task.run(input, taskContext())).rejects.toMatchObject({ name: 'InvalidInput' });
    },
  );
});

describe('the sieve', () => {
  it('agrees with trial division at every small limit', () => {
    let expected = 0;
    for (let limit = 1; limit <= 2000; limit++) {
      if (isPrime(limit)) expected++;
      expect([limit, sievePrimes(limit, () => undefined)]).toEqual([limit, expected]);
    }
  });

  // Source: the prime-counting function, OEIS A006880, and, for the last, a table of π(n · 10^6).
  it.each([
    [10_000, 1229],
    [100_000, 9592],
    [1_000_000, 78_498],
    [10_000_000, 664_579],
    [50_000_000, 3_001_134],
  ])('counts up to %d', (limit, primes) => {
    expect(sievePrimes(limit, () => undefined)).toBe(primes);
  });

  it.each([1, 2, 3, 524_287, 524_288, 524_289, 524_290])('ends at its limit %d', (limit) => {
    const told: number[] = [];
    sievePrimes(limit, (upTo) => void told.push(upTo));
    expect(told).toEqual(limit > 524_288 ? [524_288, limit] : [limit]);
  });
});

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return number > 1;
}
