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

const expire = { kind: 'expire' } as const;
const minute = 60_000;

describe('a task for later', () => {
  it('is scheduled, with its time and who wakes it', () => {
    expect(submittedFor({ eta: minute })).toMatchObject({
      ...{ state: 'SCHEDULED', eta: start + minute, dueAt: start + minute, waitsFor: 'eta' },
      ...{ wokenBy: 'message', snoozes: 0, hasTurn: false, continues: null, attempts: 0 },
    });
    expect(submittedFor({ eta: timings.visibilityLimit + 1 })).toMatchObject({ wokenBy: 'reconciler' });
    expect(submittedFor({ eta: minute }).timeline).toEqual([
      { state: 'SCHEDULED', at: start, attempt: 0, epoch: 1, detail: null },
    ]);
  });

  it.each([0, -1, -minute])('runs at once when its time is now or over: %i ms', (eta) => {
    expect(submittedFor({ eta })).toMatchObject({ state: 'PENDING', eta: start + eta });
  });

  it('can be claimed at its time, with two seconds of tolerance', () => {
    const scheduled = submittedFor({ eta: minute });
    const due = start + minute;
    expect(transition(scheduled, claim, due - 2001)).toEqual({ refused: 'not-due', dueAt: due });
    const claimed = inState(apply(scheduled, [claim, due - 2000]), 'STARTED');
    expect(claimed).toMatchObject({ attempts: 1, startedAt: due - 2000, eta: due });
    expect(claimed).not.toHaveProperty('dueAt');
  });
});

describe('a task that must have started by a time', () => {
  const startBy = minute;
  const before = start + minute - 1;
  const then = start + minute;
  it.each([
    ['waits for a worker', submittedFor({ startBy })],
    ['waits for its time', submittedFor({ eta: minute - 1000, startBy })],
    ['waits for a limit', apply(submittedFor({ startBy }), [putOff, start])],
  ])('and %s then ends Expired, whoever comes: a message or the reconciler', (_, record) => {
    expect(transition(record, expire, before)).toEqual({ refused: 'no-change' });
    expect(apply(record, [claim, before])).toMatchObject({ state: 'STARTED' });
    for (const event of [expire, claim]) {
      const ended = inState(apply(record, [event, then]), 'FAILURE');
      expect(ended).toMatchObject({ attempts: 0, claim: 0, startedAt: null, finishedAt: then, lost: 0 });
      expect(ended).toMatchObject({ deadLetter: 'none', wakeAt: then, resent: null });
      const message = `not started by ${new Date(then).toISOString()}`;
      expect(ended.error).toEqual({ type: 'Expired', message, stack: null, attempt: 0 });
      expect(ended.timeline.at(-1)).toMatchObject({ state: 'FAILURE', detail: `Expired: ${message}` });
    }
  });

  it('is told that it expired rather than that it comes too early', () => {
    const record = apply(submittedFor({ startBy }), [{ ...putOff, until: start + 9 * minute }, start]);
    expect(apply(record, [claim, then])).toMatchObject({ state: 'FAILURE' });
  });

  const claimed = apply(submittedFor({ startBy }), [claim, start]);
  it.each([
    ['waits for a retry', apply(claimed, [retry, start])],
    ['waits to go on in a fresh invocation', apply(claimed, [goOn, start])],
    ['waits for a limit, to go on', apply(claimed, [goOn, start], [putOff, start])],
    ['waits for a limit, before a retry', apply(claimed, [{ ...retry, delayMs: 0 }, start], [putOff, start])],
  ])('goes on after that time when it had started: it %s', (_, record) => {
    const late = start + 99 * minute;
    expect(transition(record, expire, late)).toEqual({ refused: 'no-change' });
    expect(apply(record, [claim, late])).toMatchObject({ state: 'STARTED' });
  });

  it('is left alone by the end of its time while it runs, and once it has ended', () => {
    expect(transition(claimed, expire, start + 99 * minute)).toEqual({ refused: 'no-change' });
    const taken = apply(claimed, [claim, start + 99 * minute]);
    expect(taken).toMatchObject({ state: 'STARTED', lost: 1 });
    const ended = apply(submittedFor({ startBy }), [cancel, start]);
    expect(transition(ended, expire, then)).toEqual({ refused: 'no-change' });
    expect(transition(submitted(), expire, start + 99 * minute)).toEqual({ refused: 'no-change' });
  });
});
