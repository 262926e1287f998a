import { describe, expect, it } from 'vitest';
import {
  apply,
  claim,
  fail,
  inState,
  renew,
  report,
  retry,
  start,
  submitted,
  succeed,
} from './fixture-events.ts';
import { timings } from './timings.ts';
import { transition } from './transitions.ts';

describe('claim', () => {
  it('draws the next claim number, counts the attempt and takes a lease', () => {
    const claimed = inState(apply(submitted(), [claim, start + 5]), 'STARTED');
    expect(claimed).toMatchObject({ claim: 1, attempts: 1, lost: 0, startedAt: start + 5 });
    expect(claimed.leaseUntil).toBe(start + 5 + timings.lease);
  });

  it('is refused while another worker holds the lease', () => {
    const held = apply(submitted(), [claim, start]);
    expect(transition(held, claim, start + timings.lease - 1)).toEqual({ refused: 'held' });
  });

  it('takes over a lease that ran out: a lost worker, not an attempt', () => {
    const taken = apply(submitted(), [claim, start], [claim, start + timings.lease]);
    expect(taken).toMatchObject({ state: 'STARTED', claim: 2, attempts: 1, lost: 1 });
  });

  it('ends the task at the third lost worker, with a dead letter owed', () => {
    const third = apply(
      submitted(),
      [claim, start],
      [claim, start + timings.lease],
      [claim, start + 2 * timings.lease],
      [claim, start + 3 * timings.lease],
    );
    expect(third).toMatchObject({
      state: 'FAILURE',
      deadLetter: 'owed',
      lost: 3,
      error: { type: 'WorkerLost' },
    });
  });

  it('is put off until a retry is due, with two seconds of tolerance', () => {
    const waiting = inState(apply(submitted(), [claim, start], [retry, start]), 'RETRY');
    const due = waiting.nextAttemptAt;
    expect(transition(waiting, claim, due - 2001)).toEqual({ refused: 'not-due', dueAt: due });
    expect(apply(waiting, [claim, due - 2000])).toMatchObject({ state: 'STARTED', attempts: 2, claim: 2 });
  });

  it('is refused on ended tasks and for messages of another epoch', () => {
    const ended = apply(submitted(), [claim, start], [succeed, start]);
    expect(transition(ended, claim, start)).toEqual({ refused: 'ended' });
    expect(transition(submitted(), { ...claim, epoch: 2 }, start)).toEqual({ refused: 'stale-epoch' });
  });
});

describe('an attempt', () => {
  const running = () => apply(submitted(), [claim, start]);

  it('may write only under its own claim', () => {
    const taken = apply(running(), [claim, start + timings.lease]);
    for (const event of [renew, report, succeed, retry, fail]) {
      expect(transition(taken, event, start + timings.lease)).toEqual({ refused: 'claim-lost' });
    }
  });

  it('may record its outcome late, as long as nobody else made a claim', () => {
    expect(apply(running(), [succeed, start + 10 * timings.lease])).toMatchObject({ state: 'SUCCESS' });
  });

  it('renews its lease, by progress too', () => {
    const at = start + 20_000;
    expect(apply(running(), [renew, at])).toMatchObject({
      leaseUntil: at + timings.lease,
    });
    const progress = { kind: 'progress', claim: 1, progress: { percent: 10, status: 'Loading' } } as const;
    expect(apply(running(), [progress, at])).toMatchObject({
      state: 'PROGRESS',
      progress: 10,
      status: 'Loading',
      leaseUntil: at + timings.lease,
    });
  });

  it('bounds the words of progress, which an outcome carries too', () => {
    const progress = { percent: 50, status: 'x'.repeat(500_000) };
    const told = { kind: 'progress', claim: 1, progress } as const;
    expect(apply(submitted(), [claim, start], [told, start]).status).toHaveLength(1000);
    expect(apply(submitted(), [claim, start], [{ ...succeed, progress }, start]).status).toHaveLength(1000);
    const parted = { ...told, progress: { percent: 50, status: `x${'😀'.repeat(500)}` } };
    expect(apply(submitted(), [claim, start], [parted, start]).status?.isWellFormed()).toBe(true);
  });

  it('never lets progress go back, over attempts either', () => {
    const progress = (percent: number, status: string, claimed: number) =>
      ({ kind: 'progress', claim: claimed, progress: { percent, status } }) as const;
    const half = apply(running(), [progress(50, 'half', 1), start], [progress(20, 'less', 1), start]);
    expect(half).toMatchObject({ progress: 50, status: 'half' });
    const again = apply(
      half,
      [retry, start],
      [claim, start + 60_000],
      [progress(20, 'less', 2), start + 60_001],
    );
    expect(again).toMatchObject({ progress: 50, status: 'half' });
    expect(apply(again, [progress(50, 'half again', 2), start + 60_002])).toMatchObject({
      status: 'half again',
    });
  });

  it('hands the last progress along with its outcome', () => {
    const done = apply(running(), [{ ...succeed, progress: { percent: 100, status: 'Complete' } }, start]);
    expect(done).toMatchObject({ state: 'SUCCESS', progress: 100, status: 'Complete' });
  });

  it('leaves the waking of a long delay to the reconciler', () => {
    const short = apply(running(), [{ ...retry, delayMs: timings.visibilityLimit }, start]);
    const long = apply(running(), [{ ...retry, delayMs: timings.visibilityLimit + 1 }, start]);
    expect([inState(short, 'RETRY').wokenBy, inState(long, 'RETRY').wokenBy]).toEqual([
      'visibility',
      'reconciler',
    ]);
  });

  it('leaves the waking to the reconciler when there is no message to put back', () => {
    const waiting = inState(apply(running(), [{ ...retry, canPutBack: false }, start]), 'RETRY');
    expect(waiting).toMatchObject({ wokenBy: 'reconciler', nextAttemptAt: start + 60_000 });
    expect(waiting.wakeAt).toBeLessThanOrEqual(start + 60_000);
  });
});

describe('a dead letter', () => {
  it('is marked as sent once, in its own epoch', () => {
    const failed = apply(submitted(), [claim, start], [fail, start]);
    const sent = apply(failed, [{ kind: 'dead-letter-sent', epoch: 1 }, start]);
    expect(sent).toMatchObject({ state: 'FAILURE', deadLetter: 'sent', wakeAt: start });
    expect(transition(sent, { kind: 'dead-letter-sent', epoch: 1 }, start)).toEqual({ refused: 'no-change' });
    expect(transition(failed, { kind: 'dead-letter-sent', epoch: 2 }, start)).toEqual({
      refused: 'no-change',
    });
  });
});

describe('the timeline', () => {
  it('keeps its first entry and the newest ones', () => {
    let record = submitted();
    for (let attempt = 0; attempt < 60; attempt++) {
      const now = start + attempt * timings.lease * 2;
      record = apply(record, [{ ...claim }, now], [{ ...retry, claim: record.claim + 1, delayMs: 0 }, now]);
    }
    expect(record.timeline).toHaveLength(50);
    expect(record.timeline[0]).toMatchObject({ state: 'PENDING' });
    expect(record.timeline.at(-1)).toMatchObject({ state: 'RETRY', attempt: 60, detail: 'Error: boom' });
  });
});
