import { describe, expect, it } from 'vitest';
import {
  apply,
  claim,
  fail,
  goOn,
  inState,
  putOff,
  retry,
  start,
  submitted,
  submittedFor,
  succeed,
} from './fixture-events.ts';
import type { TaskRecord } from './task-record.ts';
import { timings } from './timings.ts';
import { reconcileAction } from './wake.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const claimedAt = (now: number) => apply(submitted(), [claim, now]);

/** The reconciler looks at a record as often as it asks for, `looks` times; its actions, and when they were taken. */
function actionsOf(first: TaskRecord, looks: number): { kind: string; at: number }[] {
  let record = first;
  const actions: { kind: string; at: number }[] = [];
  for (let look = 0; look < looks && record.wakeAt !== null; look++) {
    const at = record.wakeAt;
    const action = reconcileAction(record, at, `run-${look}`);
    if (action === null) break;
    actions.push({ kind: action.kind, at: at - start });
    if (action.kind === 'expire') break;
    expect(action.wakeAt).toBeGreaterThan(at);
    record = { ...record, wakeAt: action.wakeAt, resent: action.resent };
  }
  return actions;
}

describe('wakeAt', () => {
  it('is left alone by a quick task until it ends: two index writes, no more', () => {
    const claimed = claimedAt(start + 100);
    expect(claimed.wakeAt).toBe(start + timings.firstLook);
    expect(apply(claimed, [succeed, start + 200]).wakeAt).toBeNull();
  });

  it('is pulled forward when a task that waited long is claimed at last', () => {
    const waitedLong = { ...submitted(), wakeAt: start + timings.resendCap };
    expect(apply(waitedLong, [claim, start]).wakeAt).toBe(start + timings.lease + timings.afterLease);
  });

  it('of a failed task is the time of its failure once no letter is owed', () => {
    const failed = apply(claimedAt(start), [{ ...fail, deadLetter: 'none' }, start + 7]);
    expect(failed.wakeAt).toBe(start + 7);
  });

  it.each([
    ['brought by a message: a while after its time', minute, minute + timings.grace],
    ['as far as a message can be delayed', timings.visibilityLimit, timings.visibilityLimit + timings.grace],
    ['a moment further: ahead of its time', timings.visibilityLimit + 1, 10 * minute + 1],
    ['a month ahead: minutes before its time', 30 * day, 30 * day - timings.lookAhead],
  ])('of a scheduled task, %s', (_, eta, wakeAt) => {
    expect(submittedFor({ eta }).wakeAt).toBe(start + wakeAt);
  });

  it.each([
    [{ startBy: 10_000 }, 10_000],
    [{ startBy: day }, timings.firstLook],
    [{ eta: minute, startBy: minute + 1 }, minute + 1],
    [{ eta: 30 * day, startBy: 30 * day + 1 }, 30 * day - timings.lookAhead],
  ])('is no later than the time by which a task must have started: %j', (submission, wakeAt) => {
    expect(submittedFor(submission).wakeAt).toBe(start + wakeAt);
  });

  it('of an attempt that goes on elsewhere is the look at any message that may be lost', () => {
    const long = { ...claimedAt(start), wakeAt: start + timings.resendCap };
    expect(apply(long, [goOn, start + 7]).wakeAt).toBe(start + 7 + timings.firstLook);
  });
});

describe('reconcileAction', () => {
  it('sends a waiting task again after 1, 2, 4 … minutes, at most every six hours', () => {
    const sends = actionsOf(submitted(), 13);
    expect(new Set(sends.map(({ kind }) => kind))).toEqual(new Set(['hint']));
    const pauses = sends.slice(1).map(({ at }, index) => (at - (sends[index]?.at ?? 0)) / minute);
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]);
  });

  it('begins anew with the pauses in a new phase', () => {
    const tired = { ...claimedAt(start), resent: { phase: '1.0.PENDING', count: 9, by: 'run-1' } };
    const action = reconcileAction(tired, start + timings.lease + timings.afterLease, 'run-2');
    expect(action).toMatchObject({ kind: 'hint', resent: { count: 1, by: 'run-2' } });
  });

  it('begins anew with them each time that a limit puts the task off', () => {
    const now = start + day;
    const first = apply(submitted(), [putOff, start]);
    const sent = reconcileAction(first, now, 'run-1');
    if (sent?.kind !== 'hint') throw new Error('nothing was sent');
    const tired = { ...first, resent: sent.resent };
    expect(reconcileAction(tired, now, 'run-2')).toMatchObject({ resent: { count: 2 } });
    const second = apply(tired, [{ ...putOff, until: now }, now]);
    expect(reconcileAction(second, now + timings.grace, 'run-3')).toMatchObject({ resent: { count: 1 } });
    const waiting = apply(claimedAt(start), [retry, start], [{ ...putOff, until: now }, now]);
    const retried = reconcileAction(waiting, now + timings.grace, 'run-1');
    const again = apply({ ...waiting, ...retried } as TaskRecord, [{ ...putOff, until: now }, now]);
    expect(reconcileAction(again, now + timings.grace, 'run-2')).toMatchObject({ resent: { count: 1 } });
  });

  it('waits for a lease to run out, then sends', () => {
    const claimed = claimedAt(start);
    const over = start + timings.lease + timings.afterLease;
    const early = reconcileAction(claimed, start + timings.firstLook, 'run-1');
    expect(early).toEqual({ kind: 'look', wakeAt: over, resent: null });
    expect(reconcileAction(claimed, over, 'run-1')).toMatchObject({ kind: 'hint' });
  });

  const near = minute;
  const far = timings.visibilityLimit + 1;
  const retried = (delayMs: number) => apply(claimedAt(start), [{ ...retry, delayMs }, start]);
  const snoozed = (ms: number) => apply(submitted(), [{ ...putOff, until: start + ms }, start]);
  it.each([
    ['a near retry', retried(near), near + timings.grace],
    ['a far retry', retried(far), far - timings.lookAhead],
    ['a near scheduled task', submittedFor({ eta: near }), near + timings.grace],
    ['a far scheduled task', submittedFor({ eta: far }), far - timings.lookAhead],
    ['one that a limit put off', snoozed(near), near + timings.grace],
    ['one that a long line put off', snoozed(far), far - timings.lookAhead],
  ])('sends the message of %s when its time has come, and not before', (_, record, look) => {
    const early = reconcileAction(record, start + look - 1, 'run-1');
    expect(early).toEqual({ kind: 'look', wakeAt: start + look, resent: null });
    expect(reconcileAction(record, start + look, 'run-1')).toMatchObject({ kind: 'hint' });
  });

  it('sends once more a minute before a far time, in case the first was lost, and then a minute after', () => {
    const sends = actionsOf(submittedFor({ eta: 30 * day }), 3);
    expect(sends.map(({ at }) => at - 30 * day)).toEqual([-timings.lookAhead, -minute, minute]);
  });

  it('pays owed letters and leaves ended tasks alone', () => {
    const failed = (deadLetter: 'owed' | 'none') => apply(claimedAt(start), [{ ...fail, deadLetter }, start]);
    expect(reconcileAction(failed('owed'), start, 'run-1')).toMatchObject({ kind: 'letter' });
    expect(reconcileAction(failed('none'), start, 'run-1')).toBeNull();
  });
});

describe('a task that must have started by a time', () => {
  it.each([
    ['waits for a worker', { startBy: 10 * minute }, ['hint', 'hint', 'hint', 'hint', 'expire']],
    ['waits for its time, which is near', { eta: minute, startBy: 2 * minute }, ['hint', 'expire']],
    ['waits for its time, which is far', { eta: day, startBy: day + 1 }, ['hint', 'hint', 'expire']],
  ])('and %s is ended at that very time', (_, submission, kinds) => {
    const actions = actionsOf(submittedFor(submission), 20);
    expect(actions.map(({ kind }) => kind)).toEqual(kinds);
    expect(actions.at(-1)?.at).toBe(submission.startBy);
  });

  it('is looked at no later, whatever it is put off by', () => {
    const record = apply(submittedFor({ startBy: minute }), [{ ...putOff, until: start + day }, start]);
    expect(record.wakeAt).toBe(start + timings.firstLook);
    expect(actionsOf(record, 9)).toEqual([
      { kind: 'look', at: timings.firstLook },
      { kind: 'expire', at: minute },
    ]);
  });

  it('is left to its retries once it has started', () => {
    const waiting = apply(submittedFor({ startBy: minute }), [claim, start], [retry, start]);
    expect(reconcileAction(waiting, start + day, 'run-1')).toMatchObject({ kind: 'hint' });
    const continued = apply(submittedFor({ startBy: minute }), [claim, start], [goOn, start]);
    expect(inState(continued, 'PENDING').wakeAt).toBeLessThanOrEqual(start + timings.firstLook);
    expect(reconcileAction(continued, start + day, 'run-1')).toMatchObject({ kind: 'hint' });
  });
});
