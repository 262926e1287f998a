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
  putOff,
  renew,
  reopenNext,
  report,
  retry,
  start,
  submitted,
  submittedFor,
  succeed,
} from './fixture-events.ts';
import { isRefusal } from './refusal.ts';
import { taskRecord } from './task-record.ts';
import { timings } from './timings.ts';
import { transition } from './transitions.ts';
import { reconcileAction } from './wake.ts';

const request = { at: start + 1, by: 'ada' };
const leaseOver = start + timings.lease;

describe('a wish to cancel', () => {
  it.each([
    ['waits for its first attempt', submitted()],
    ['waits for its time', submittedFor({ eta: 86_400_000 })],
    ['waits for its rate limit', apply(submitted(), [putOff, start])],
    ['waits to go on in a fresh invocation', apply(submitted(), [claim, start], [goOn, start])],
    ['waits for its next attempt', apply(submitted(), [claim, start], [retry, start])],
    ['waits in a new epoch', apply(submitted(), [claim, start], [fail, start], [reopenNext, start])],
  ])('ends a task at once that %s', (_, waiting) => {
    const ended = inState(apply(waiting, [cancel, start + 1]), 'CANCELLED');
    expect(ended).toMatchObject({
      finishedAt: start + 1,
      cancelRequest: request,
      wakeAt: null,
      resent: null,
    });
    expect(ended.expiresAt).toBe(start + 1 + timings.keepSucceeded);
    expect(ended.timeline.at(-1)).toMatchObject({
      ...{ state: 'CANCELLED', at: start + 1, epoch: ended.epoch, detail: 'cancelled by ada' },
    });
    expect(reconcileAction(ended, Number.MAX_SAFE_INTEGER, 'run')).toBeNull();
  });

  it('leaves nothing of the waiting state behind, and keeps when the task was begun', () => {
    const never = apply(submitted(), [cancel, start]);
    const begun = apply(submitted(), [claim, start + 5], [retry, start + 6], [cancel, start + 7]);
    const continued = apply(submitted(), [claim, start + 5], [goOn, start + 6], [cancel, start + 7]);
    const records = [never, begun, continued].map((record) => inState(record, 'CANCELLED'));
    expect(records.map(({ startedAt }) => startedAt)).toEqual([null, start + 5, start + 5]);
    for (const record of records) expect(checkRecord(record)).toEqual(record);
    expect(taskRecord.parse(begun)).toEqual(begun);
  });

  it.each([
    ['has just been claimed', apply(submitted(), [claim, start])],
    ['tells its progress', apply(submitted(), [claim, start], [report, start])],
  ])('flags a task that %s, and leaves its lease alone', (_, running) => {
    const flagged = apply(running, [cancel, start + 1]);
    expect(flagged).toEqual({ ...running, cancelRequest: request });
  });

  it('ends a task whose worker is lost, in the name of who asked first', () => {
    const running = apply(submitted(), [claim, start]);
    expect(apply(running, [cancel, leaseOver - 1])).toMatchObject({ state: 'STARTED' });
    expect(apply(running, [cancel, leaseOver])).toMatchObject({ state: 'CANCELLED', attempts: 1, lost: 0 });
    const flagged = apply(running, [cancel, start + 1]);
    const again = apply(flagged, [{ kind: 'cancel', by: 'bob' }, leaseOver]);
    expect(again).toMatchObject({ state: 'CANCELLED', cancelRequest: request });
  });

  it('changes nothing when it comes again', () => {
    const flagged = apply(submitted(), [claim, start], [cancel, start + 1]);
    const ended = apply(submitted(), [cancel, start + 1]);
    for (const record of [flagged, ended]) {
      expect(transition(record, { kind: 'cancel', by: 'bob' }, start + 2)).toEqual({ refused: 'no-change' });
    }
  });

  it.each(['SUCCESS', 'FAILURE'] as const)('is refused by a task that ended %s', (state) => {
    expect(transition(recordIn(state), cancel, start)).toEqual({ refused: 'ended' });
  });

  it('keeps a bounded, well-formed name of who asked', () => {
    const by = `${'x'.repeat(99)}😀${'y'.repeat(100_000)}`;
    const ended = inState(apply(submitted(), [{ kind: 'cancel', by }, start]), 'CANCELLED');
    expect(ended.cancelRequest.by).toHaveLength(100);
    expect(ended.cancelRequest.by.isWellFormed()).toBe(true);
  });
});

describe('with the flag set', () => {
  const flagged = (at = start) => apply(submitted(), [claim, start], [cancel, at]);

  it.each([succeed, retry, fail, goOn, { ...fail, deadLetter: 'none' } as const])(
    'an attempt that would $kind ends CANCELLED',
    (event) => {
      const progress = { percent: 90, status: 'nearly' };
      const ended = apply(flagged(start + 1), [{ ...event, progress }, start + 9]);
      expect(ended).toMatchObject({ state: 'CANCELLED', finishedAt: start + 9, cancelRequest: request });
      expect(ended).toMatchObject({ progress: 90, status: 'nearly' });
      expect(checkRecord(ended)).toEqual(ended);
    },
  );

  it.each([renew, report])('the flag outlives what the attempt tells meanwhile: $kind', (event) => {
    const later = apply(flagged(start + 1), [event, start + 2]);
    expect(later).toMatchObject({ cancelRequest: request, leaseUntil: start + 2 + timings.lease });
    expect(apply(later, [succeed, start + 3])).toMatchObject({ state: 'CANCELLED' });
  });

  it('a claim after a lost worker ends the task instead of running it again', () => {
    const ended = apply(flagged(), [claim, leaseOver]);
    expect(ended).toMatchObject({ state: 'CANCELLED', claim: 1, lost: 0, finishedAt: leaseOver });
    expect(transition(flagged(), claim, leaseOver - 1)).toEqual({ refused: 'held' });
  });

  it('a stale attempt may still not write', () => {
    const outcome = transition(flagged(), { ...succeed, claim: 2 }, start + 1);
    expect(isRefusal(outcome) && outcome.refused).toBe('claim-lost');
  });

  it('a new epoch forgets it', () => {
    const again = apply(
      flagged(),
      [succeed, start],
      [{ ...reopenNext, cause: { kind: 'retry', by: 'bob' } }, start + 1],
      [{ kind: 'claim', epoch: 2 }, start + 2],
      [{ ...succeed, claim: 2 }, start + 3],
    );
    expect(again).toMatchObject({ state: 'SUCCESS', epoch: 2 });
  });
});
