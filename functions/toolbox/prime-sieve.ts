/** Odd numbers of one segment: a byte each, so that memory stays the same however far is counted. */
const segmentLength = 1 << 18;

/**
 * Counts the primes up to `limit`, a whole number above 0, with a segmented sieve of Eratosthenes over the odd numbers.
 * @param counted is told, after each segment, up to which number all primes are counted; `limit` comes last
 */
export function sievePrimes(limit: number, counted: (upTo: number) => void): number {
  const divisors = oddPrimesUpTo(Math.floor(Math.sqrt(limit)));
  const composite = new Uint8Array(segmentLength);
  // The sieve takes 1 for a prime, in the stead of 2, which it never sees.
  let primes = limit < 2 ? -1 : 0;
  for (let low = 1; low <= limit; low += 2 * segmentLength) {
    const high = Math.min(limit, low + 2 * segmentLength - 1);
    composite.fill(0);
    for (const divisor of divisors) {
      const square = divisor * divisor;
      if (square > high) break;
      const first = (firstOddMultiple(divisor, Math.max(low, square)) - low) / 2;
      for (let at = first; at < segmentLength; at += divisor) composite[at] = 1;
    }
    for (let at = 0; low + 2 * at <= high; at++) if (composite[at] === 0) primes++;
    counted(high);
  }
  return primes;
}

function firstOddMultiple(divisor: number, from: number): number {
  const multiple = Math.ceil(from / divisor) * divisor;
  return multiple % 2 === 0 ? multiple + divisor : multiple;
}

function oddPrimesUpTo(limit: number): number[] {
  const composite = new Uint8Array(limit + 1);
  const primes: number[] = [];
  for (let number = 3; number <= limit; number += 2) {
    if (composite[number] === 1) continue;
    primes.push(number);
    for (let multiple = number * number; multiple <= limit; multiple += 2 * number) composite[multiple] = 1;
  }
  return primes;
}
