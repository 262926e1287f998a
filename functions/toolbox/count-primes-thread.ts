import { runAsThread } from '../runtime/thread-entry.ts';
import { sievePrimes } from './prime-sieve.ts';
import { countPrimes } from './specs.ts';

runAsThread(countPrimes, ({ limit, rounds }, progress) => {
  let primes = 0;
  for (let round = 0; round < rounds; round++) {
    primes = sievePrimes(limit, (upTo) => {
      progress(((round + upTo / limit) / rounds) * 100, `Counted up to ${upTo}`);
    });
  }
  return { limit, primes };
});
