import { describe, expect, it } from 'vitest';
import { recordIn } from '../contracts/record-fixtures.ts';
import { checkRecord } from '../ports/check-record.ts';
import {
  apply,
  cancel,
  claim,
  fail,
  goOn,
  inState,
  reopenNext,
  report,
  start,
  submitted,
  submittedFor,
  succeed,
} from './fixture-events.ts';
import { taskStates } from './task-record.ts';
import { timings } from './timings.ts';
import { transition } from './transitions.ts';

const letter = { ...reopenNext, cause: { kind: 'dead-letter' } } as const;
const failed = () => apply(submitted(), [claim, start], [report, start], [fail, start]);
const cancelled = () =>
  apply(submitted(), [claim, start], [report, start], [cancel, start], [succeed, start]);

const refusals = {
  SCHEDULED: 'unfinished',
  PENDING: 'unfinished',
  STARTED: 'unfinished',
  PROGRESS: 'unfinished',
  RETRY: 'unfinished',
  SUCCESS: 'succeeded',
  FAILURE: null,
  CANCELLED: null,
} as const;

describe('a new epoch', () => {
  it.each(taskStates)('of a task in %s opens only after an end without success', (state) => {
    const outcome = transition(recordIn(state), reopenNext, start);
    const reason = refusals[state];
    expect(outcome).toMatchObject(reason === null ? { state: 'PENDING', epoch: 2 } : { refused: reason });
  });

  it('is opened by a dead letter only after a failure: a cancel stays', () => {
    expect(transition(failed(), letter, start)).toMatchObject({ state: 'PENDING' });
    expect(transition(cancelled(), letter, start)).toEqual({ refused: 'ended' });
    const succeeded = apply(submitted(), [claim, start], [succeed, start]);
    expect(transition(succeeded, letter, start)).toEqual({ refused: 'succeeded' });
  });

  it.each([1, 3])('is the one after the last: %i is stale', (epoch) => {
    expect(transition(failed(), { ...reopenNext, epoch }, start)).toEqual({ refused: 'stale-epoch' });
  });

  it('is opened once', () => {
    const opened = apply(failed(), [reopenNext, start]);
    expect(transition(opened, reopenNext, start)).toEqual({ refused: 'stale-epoch' });
    const secondEnd = apply(opened, [cancel, start]);
    expect(transition(secondEnd, reopenNext, start)).toEqual({ refused: 'stale-epoch' });
    expect(transition(secondEnd, { ...reopenNext, epoch: 3 }, start)).toMatchObject({ epoch: 3 });
  });

  it.each([
    ['failed', failed()],
    ['was cancelled', cancelled()],
  ])('counts anew what a task that %s has used up, and keeps its history and its fence', (_, ended) => {
    const opened = inState(apply({ ...ended, lost: 2 }, [reopenNext, start + 10]), 'PENDING');
    expect(opened).toMatchObject({ attempts: 0, lost: 0, progress: null, status: null, resent: null });
    expect(opened).toMatchObject({ claim: 1, createdAt: start, wakeAt: start + 10 + timings.firstLook });
    expect(opened.timeline).toEqual([
      ...ended.timeline,
      { state: 'PENDING', at: start + 10, attempt: 0, epoch: 2, detail: 'retried by ada' },
    ]);
    expect(checkRecord(opened)).toEqual(opened);
    expect(apply(opened, [{ kind: 'claim', epoch: 2 }, start + 11])).toMatchObject({ claim: 2, attempts: 1 });
  });

  it.each([
    [letter.cause, 'opened again by its dead letter after Error'],
    [{ kind: 'retry', by: 'ada' } as const, 'retried by ada'],
    [{ kind: 'redrive', by: 'ada' } as const, 'redriven by ada'],
  ])('says in the history who opened it: %j', (cause, detail) => {
    expect(apply(failed(), [{ ...letter, cause }, start]).timeline.at(-1)?.detail).toBe(detail);
  });

  it('keeps the arguments and the steps that were recorded, unless it brings new arguments', () => {
    const input = { kind: 'inline', json: '"new"' } as const;
    const same = apply(failed(), [reopenNext, start]);
    expect(same).toMatchObject({ input: submitted().input, stepsAfter: 0 });
    const edits = { input, uniqueKey: 'lock', concurrencyKey: 'host' };
    const edited = apply(failed(), [{ ...reopenNext, edited: edits }, start]);
    expect(edited).toMatchObject({ ...edits, stepsAfter: 1 });
    expect(edited.timeline.at(-1)?.detail).toBe('retried by ada, with edited arguments');
    const later = apply(edited, [cancel, start], [{ ...reopenNext, epoch: 3 }, start]);
    expect(later).toMatchObject({ ...edits, stepsAfter: 1 });
  });

  it('runs at once, however late it is by then, and begins its work anew', () => {
    const expired = apply(submittedFor({ eta: 5000, startBy: 9000 }), [{ kind: 'expire' }, start + 9000]);
    const opened = apply(expired, [reopenNext, start + 10_000]);
    expect(opened).toMatchObject({
      state: 'PENDING',
      startBy: null,
      wakeAt: start + 10_000 + timings.firstLook,
    });
    expect(apply(opened, [{ kind: 'claim', epoch: 2 }, start + 10_000])).toMatchObject({ attempts: 1 });
    const continued = apply(submitted(), [claim, start], [goOn, start + 1], [cancel, start + 2]);
    const again = apply(continued, [reopenNext, start + 3], [{ kind: 'claim', epoch: 2 }, start + 4]);
    expect(again).toMatchObject({ startedAt: start + 4, attempts: 1, stepsAfter: 0 });
  });

  it('closes the one before: its messages and its attempt are refused', () => {
    const opened = apply(failed(), [reopenNext, start]);
    expect(transition(opened, claim, start)).toEqual({ refused: 'stale-epoch' });
    expect(transition(opened, succeed, start)).toEqual({ refused: 'claim-lost' });
    expect(transition(opened, { kind: 'dead-letter-sent', epoch: 1 }, start)).toEqual({
      refused: 'no-change',
    });
  });
});
