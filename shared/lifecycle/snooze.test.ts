import { describe, expect, it } from 'vitest';
import {
  apply,
  cancel,
  claim,
  goOn,
  inState,
  putOff,
  retry,
  start,
  submitted,
  submittedFor,
} from './fixture-events.ts';
import { timings } from './timings.ts';
import { transition } from './transitions.ts';

const waiting = () => apply(submitted(), [claim, start], [retry, start]);

describe('a task that a limit puts off', () => {
  it('is scheduled for later: no attempt is spent, and its history tells why', () => {
    const off = inState(apply(submitted(), [putOff, start + 1]), 'SCHEDULED');
    expect(off).toMatchObject({
      ...{ attempts: 0, claim: 0, dueAt: start + 5000, waitsFor: 'rate-limit', wokenBy: 'message' },
      ...{ snoozes: 1, hasTurn: true, eta: null },
    });
    expect(off.timeline.at(-1)).toEqual({
      ...{ state: 'SCHEDULED', at: start + 1, attempt: 0, epoch: 1, detail: 'waits for its rate limit' },
    });
  });

  it('starts at its time and not before', () => {
    const off = apply(submitted(), [putOff, start]);
    const early = start + 5000 - timings.earlyTolerance - 1;
    expect(transition(off, claim, early)).toEqual({ refused: 'not-due', dueAt: start + 5000 });
    expect(apply(off, [claim, early + 1])).toMatchObject({ state: 'STARTED', attempts: 1, claim: 1 });
  });

  it('counts how often in a row, until it has started', () => {
    const other = { ...putOff, waitsFor: 'concurrency', hasTurn: false } as const;
    const twice = apply(submitted(), [putOff, start], [{ ...other, until: start + 9000 }, start + 5000]);
    expect(twice).toMatchObject({ snoozes: 2, waitsFor: 'concurrency', hasTurn: false, dueAt: start + 9000 });
    expect(twice.timeline.at(-1)?.detail).toBe('waits for others of its concurrency key');
    const later = apply(twice, [claim, start + 9000], [retry, start + 9000]);
    expect(later).toMatchObject({ state: 'RETRY', snoozes: 0, hasTurn: false });
  });

  it('keeps the error of its last attempt, and the number of the next', () => {
    const due = inState(waiting(), 'RETRY').nextAttemptAt;
    const off = inState(apply(waiting(), [{ ...putOff, until: due + 5000 }, due]), 'RETRY');
    expect(off).toMatchObject({
      ...{ attempts: 1, startedAt: start, nextAttemptAt: due + 5000 },
      hasTurn: true,
    });
    expect(off.error).toEqual(inState(waiting(), 'RETRY').error);
    expect(off.snoozes).toBe(1);
    expect(transition(off, claim, due)).toMatchObject({ refused: 'not-due' });
    expect(apply(off, [claim, due + 5000])).toMatchObject({ state: 'STARTED', attempts: 2 });
  });

  it('goes on with the attempt that it had begun', () => {
    const off = apply(submitted(), [claim, start], [goOn, start + 60], [putOff, start + 60]);
    expect(off).toMatchObject({ state: 'SCHEDULED', continues: { startedAt: start }, attempts: 1 });
    const again = apply(off, [{ ...putOff, until: start + 9000 }, start + 5000], [claim, start + 9000]);
    expect(again).toMatchObject({ state: 'STARTED', startedAt: start, attempts: 1, claim: 2 });
  });

  it('keeps its own time and its deadline', () => {
    const scheduled = submittedFor({ eta: 1000, startBy: 60_000 });
    expect(apply(scheduled, [putOff, start + 1000])).toMatchObject({
      ...{ eta: start + 1000, dueAt: start + 5000, startBy: start + 60_000 },
    });
  });

  it.each([
    [timings.visibilityLimit, 'message', 'visibility'],
    [timings.visibilityLimit + 1, 'reconciler', 'reconciler'],
  ])('for %i ms is woken by a %s', (ms, first, later) => {
    expect(apply(submitted(), [{ ...putOff, until: start + ms }, start])).toMatchObject({ wokenBy: first });
    const due = inState(waiting(), 'RETRY').nextAttemptAt;
    expect(apply(waiting(), [{ ...putOff, until: due + ms }, due])).toMatchObject({ wokenBy: later });
  });

  it.each([
    ['has been put off by another message meanwhile', apply(submitted(), [putOff, start]), 'not-due'],
    ['waits for a retry meanwhile', waiting(), 'not-due'],
    ['runs meanwhile', apply(submitted(), [claim, start]), 'held'],
    ['has ended meanwhile', apply(submitted(), [cancel, start]), 'ended'],
    ['is in another epoch', submitted({ epoch: 2 }), 'stale-epoch'],
  ])('is left alone when it %s', (_, record, refused) => {
    expect(transition(record, { ...putOff, until: start + 99_000 }, start + 1)).toMatchObject({ refused });
  });
});
