import { describe, expect, it } from 'vitest';
import { recordIn } from '../contracts/record-fixtures.ts';
import { followsLostWorker } from './claim.ts';
import { apply, cancel, claim, fail, reopenNext, start, submitted } from './fixture-events.ts';
import { timings } from './timings.ts';
import { transition } from './transitions.ts';

const leaseOver = start + timings.lease;
const held = apply(submitted(), [claim, start]);
const taken = apply(held, [claim, leaseOver]);
const failedAfterLoss = apply(taken, [{ ...fail, claim: 2 }, leaseOver]);

describe('a claim would follow on a lost worker', () => {
  it.each([
    ['a lease that ran out just now', held, leaseOver],
    ['a lease that ran out, with a cancel pending', apply(held, [cancel, start]), leaseOver],
    ['a worker lost before, the next one gone too', taken, leaseOver + timings.lease],
    ['a worker lost in an attempt before', recordIn('RETRY', { lost: 1 }), start],
  ])('after %s', (_, record, now) => {
    expect(followsLostWorker(record, now)).toBe(true);
  });

  it.each([
    ['a submission', submitted(), leaseOver],
    ['a failed attempt', recordIn('RETRY'), leaseOver],
    ['a lease that still holds', held, leaseOver - 1],
    ['a lost worker whose successor holds the lease', taken, leaseOver],
    ['the end of the task: there is nothing to claim', failedAfterLoss, leaseOver],
    ['a new epoch', apply(failedAfterLoss, [reopenNext, leaseOver]), leaseOver],
  ])('not after %s', (_, record, now) => {
    expect(followsLostWorker(record, now)).toBe(false);
  });
});

describe('a claim that a place was taken for', () => {
  it('is made under that number only; else its message comes again at once', () => {
    const terms = { ...claim, nextClaim: 1 };
    expect(apply(submitted(), [terms, start])).toMatchObject({ state: 'STARTED', claim: 1 });
    const retrying = recordIn('RETRY', { nextAttemptAt: start });
    expect(transition(retrying, terms, start)).toEqual({ refused: 'not-due', dueAt: start });
    expect(transition(held, terms, leaseOver)).toEqual({ refused: 'not-due', dueAt: leaseOver });
    expect(transition(held, terms, start)).toEqual({ refused: 'held' });
  });
});
