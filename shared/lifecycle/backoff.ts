/** How long a task waits before its next attempt, as data so that specs, docs and the record can show it. Seconds. */
export type Backoff =
  | { readonly kind: 'fixed'; readonly seconds: number }
  | { readonly kind: 'exponential'; readonly first: number; readonly cap: number }
  | { readonly kind: 'full-jitter'; readonly first: number; readonly cap: number };

/** The same delay before every retry. */
export function fixed(seconds: number): Backoff {
  return { kind: 'fixed', seconds };
}

/** `first`, then twice as long each time, never more than `cap` seconds. */
export function exponential(first: number, cap: number): Backoff {
  return { kind: 'exponential', first, cap };
}

/**
 * A random delay between zero and the exponential one, so that tasks that failed together do not return together.
 * Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
 */
export function fullJitter(first: number, cap: number): Backoff {
  return { kind: 'full-jitter', first, cap };
}

/** The delay in milliseconds before retry number `retry` (1 is the first retry); `random` is in [0, 1). */
export function backoffDelay(backoff: Backoff, retry: number, random: number): number {
  switch (backoff.kind) {
    case 'fixed':
      return backoff.seconds * 1000;
    case 'exponential':
      return exponentialSeconds(backoff, retry) * 1000;
    case 'full-jitter':
      return Math.floor(exponentialSeconds(backoff, retry) * 1000 * random);
  }
}

function exponentialSeconds(backoff: { first: number; cap: number }, retry: number): number {
  return Math.min(backoff.cap, backoff.first * 2 ** (retry - 1));
}
