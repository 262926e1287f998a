import { describe, expect, it } from 'vitest';
import { recordIn } from '../contracts/record-fixtures.ts';
import type { RetryPolicy } from '../tasks/define-task.ts';
import { PermanentError, RetryAfter } from '../tasks/task-errors.ts';
import { exponential, fixed } from './backoff.ts';
import { decideFailure } from './decide-failure.ts';

class UpstreamError extends Error {
  override name = 'UpstreamError';
}
class BadAddress extends Error {
  override name = 'BadAddress';
}
const named = (name: string) => Object.assign(new Error('x'), { name });

const decide = (thrown: unknown, policy: Partial<RetryPolicy> = {}, attempts = 1) =>
  decideFailure(recordIn('STARTED', { attempts }), { max: 3, delay: fixed(60), ...policy }, thrown, 0.5);

describe('a failed attempt', () => {
  it('is followed by another while there are any left, then ends with a dead letter', () => {
    const outcomes = [1, 2, 3, 4].map((attempts) => decide(new Error('x'), {}, attempts));
    expect(outcomes.slice(0, 3)).toMatchObject(Array(3).fill({ kind: 'retry', delayMs: 60_000 }));
    expect(outcomes[3]).toMatchObject({ kind: 'fail', deadLetter: 'owed', error: { attempt: 4 } });
  });

  it('waits by the policy, counted from its own number', () => {
    expect(decide(new Error('x'), { delay: exponential(10, 600) }, 3)).toMatchObject({ delayMs: 40_000 });
  });

  it('is the last when its error is permanent, by itself or by its ancestor', () => {
    class Gone extends PermanentError {}
    for (const thrown of [new PermanentError('x'), new Gone('x')]) {
      expect(decide(thrown, { only: ['PermanentError'] })).toMatchObject({
        kind: 'fail',
        deadLetter: 'none',
      });
    }
  });

  it('is the last, with a dead letter, when it passed the hard limit', () => {
    const policy = { only: ['TimeLimitExceeded'], never: ['TimeLimitExceeded'] };
    expect(decide(named('TimeLimitExceeded'), policy)).toMatchObject({ kind: 'fail', deadLetter: 'owed' });
  });

  it('can be decided on whatever was thrown', () => {
    const { proxy, revoke } = Proxy.revocable(new Error('x'), {});
    revoke();
    for (const thrown of [proxy, undefined, 'text', Object.create(null)]) {
      expect(decide(thrown)).toMatchObject({ kind: 'retry' });
    }
  });
});

describe('a policy that names errors', () => {
  const never = { never: ['BadAddress'] };
  const only = { only: ['UpstreamError'] };

  it.each([
    ['an error that is never worth it', never, new BadAddress('x'), 'fail'],
    ['an error beside those', never, new UpstreamError('x'), 'retry'],
    ['the only error that is worth it', only, new UpstreamError('x'), 'retry'],
    ['any other error', only, new BadAddress('x'), 'fail'],
    ['a fault of the pipeline', only, Object.assign(new Error('x'), { name: 'PipelineFault' }), 'retry'],
    ['code that changed', only, Object.assign(new Error('x'), { name: 'StepOrderChanged' }), 'retry'],
    ['something that is no error', only, 'BadAddress', 'fail'],
    ['something that is no error, and named as such', { only: ['string'] }, 'busy', 'retry'],
    ['an error in both lists', { ...only, never: ['UpstreamError'] }, new UpstreamError('x'), 'fail'],
    ['any error, when none is worth it', { only: [] }, new UpstreamError('x'), 'fail'],
    ['an error, its cause being worth it', only, new Error('x', { cause: new UpstreamError('x') }), 'fail'],
    ["the task's own wish", { ...only, never: ['RetryAfter'] }, new RetryAfter(5, 'x'), 'retry'],
    ['a fault of the store', { ...only, never: ['PipelineFault'] }, named('PipelineFault'), 'retry'],
    ['an input that is not there yet', only, named('PayloadMissing'), 'retry'],
    [
      'the end of the invocation',
      { ...only, never: ['InvocationEnding'] },
      named('InvocationEnding'),
      'retry',
    ],
  ])('decides on %s', (_, policy, thrown, kind) => {
    expect(decide(thrown, policy)).toMatchObject({ kind });
  });

  it('ends the task as a permanent error does: without a dead letter', () => {
    expect(decide(new BadAddress('x'), never)).toMatchObject({
      deadLetter: 'none',
      error: { type: 'BadAddress' },
    });
  });

  it('does not grant more attempts than there are, by a wish either', () => {
    for (const thrown of [new UpstreamError('x'), new RetryAfter(5, 'x')]) {
      expect(decide(thrown, only, 4)).toMatchObject({ kind: 'fail', deadLetter: 'owed' });
    }
  });
});

describe('a wish for a time', () => {
  const day = 86_400_000;
  it.each([
    [90, 90_000],
    [0.0001, 1],
    [0, 0],
    [-5, 0],
    [1e12, day],
    [Number.POSITIVE_INFINITY, day],
    [Number.NaN, day],
  ])('of %d seconds is a wait of %d ms', (seconds, delayMs) => {
    expect(decide(new RetryAfter(seconds, 'x'))).toMatchObject({ kind: 'retry', delayMs });
  });
});
