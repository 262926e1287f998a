import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkRecord } from '../ports/check-record.ts';
import { dueTime } from './due-time.ts';
import {
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
  submittedFor,
  succeed,
} from './fixture-events.ts';
import { isRefusal } from './refusal.ts';
import { isEnded, isRunning, type TaskRecord } from './task-record.ts';
import { timings } from './timings.ts';
import { type TaskEvent, transition } from './transitions.ts';
import { latestLook } from './wake.ts';

const letter = { kind: 'dead-letter-sent', epoch: 1 } as const;
const expiry = { kind: 'expire' } as const;
const events = [claim, renew, report, succeed, retry, fail, goOn, putOff, expiry, reopenNext, cancel, letter];
const quarter = timings.visibilityLimit;
const submissions = [
  {},
  { startBy: 44_999 },
  { eta: 45_000 },
  { eta: 1000, startBy: 45_000 },
  { eta: quarter + 1 },
];

/** An event of any kind, most often one that fits the record; `nudge` makes it one too early, or too late. */
const step = fc.record({
  event: fc.constantFrom<TaskEvent>(...events),
  nudge: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(-1, 1) }),
  by: fc.constantFrom('ada', 'bob'),
  edited: fc.boolean(),
  wait: fc.constantFrom(0, 1, 1000, 44_999, 45_000, 61_000),
  until: fc.constantFrom(0, 1, 5000, quarter, quarter + 1),
});

const lives = fc.array(step, { minLength: 5, maxLength: 40 });
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

function eventFor(record: TaskRecord, { event, nudge, by, edited, until }: Step, now: number): TaskEvent {
  switch (event.kind) {
    case 'expire':
      return event;
    case 'snooze':
      return { ...event, epoch: record.epoch + nudge, until: now + until };
    case 'cancel':
      return { ...event, by };
    case 'claim':
    case 'dead-letter-sent':
      return { ...event, epoch: record.epoch + nudge };
    case 'reopen': {
      const input = { kind: 'inline', json: `"edited by ${by}"` } as const;
      const edits = edited ? { input, uniqueKey: by, concurrencyKey: by } : null;
      return { ...event, epoch: record.epoch + 1 + nudge, cause: { kind: 'retry', by }, edited: edits };
    }
    default:
      return { ...event, claim: record.claim + nudge };
  }
}

const cancelOf = (record: TaskRecord) => ('cancelRequest' in record ? record.cancelRequest : null);

/** What holds between a record and the one after it, whatever the event. */
function expectLawful(before: TaskRecord, event: TaskEvent, after: TaskRecord, now: number): void {
  expect(checkRecord(after)).toEqual(after);
  expect(after.claim - before.claim).toBe(event.kind === 'claim' && isRunning(after) ? 1 : 0);
  expect(after.epoch - before.epoch).toBe(event.kind === 'reopen' ? 1 : 0);
  expect(after.attempts).toBeLessThanOrEqual(after.maxAttempts);
  expectNoAttemptSpent(before, event, after);
  expectItsTime(before, event, after, now);
  expect(after.lost).toBeLessThanOrEqual(3);
  if (after.epoch === before.epoch) {
    expect(after.progress ?? 0).toBeGreaterThanOrEqual(before.progress ?? 0);
    if (event.kind !== 'continue') expect(after.lost).toBeGreaterThanOrEqual(before.lost);
  }
  // Looked at in time, or nothing is left to do.
  const latest = latestLook(after, now);
  if (latest === null) expect(after.wakeAt).toBeNull();
  else expect(after.wakeAt).toBeLessThanOrEqual(latest);
  if (isEnded(before) && event.kind !== 'reopen') {
    expect([event.kind, after.state]).toEqual(['dead-letter-sent', 'FAILURE']);
  }
  const wish = cancelOf(before);
  if (wish !== null && after.epoch === before.epoch) {
    expect(isRunning(after) || after.state === 'CANCELLED').toBe(true);
    expect(cancelOf(after)).toEqual(wish);
  }
  if (after.state === 'CANCELLED')
    expect(inState(after, 'CANCELLED').cancelRequest.at).toBeLessThanOrEqual(now);
}

/** Only a claim of a task that waited for an attempt begins one; an attempt that goes on is the same one. */
function expectNoAttemptSpent(before: TaskRecord, event: TaskEvent, after: TaskRecord): void {
  const begins = event.kind === 'claim' && isRunning(after) && !isRunning(before) && !goesOn(before);
  if (event.kind !== 'reopen') expect(after.attempts - before.attempts).toBe(begins ? 1 : 0);
  if (event.kind === 'snooze' && before.state === 'RETRY') {
    expect(inState(after, 'RETRY')).toMatchObject({ error: before.error, startedAt: before.startedAt });
  }
  if (event.kind === 'snooze') expect(goesOn(after)).toEqual(goesOn(before));
  if (goesOn(before) && isRunning(after)) expect(after.startedAt).toBe(goesOn(before)?.startedAt);
}

const goesOn = (record: TaskRecord) => ('continues' in record ? record.continues : null);

/** Nothing begins before its time, nor after the last moment that it may. */
function expectItsTime(before: TaskRecord, event: TaskEvent, after: TaskRecord, now: number): void {
  if (event.kind === 'claim' && isRunning(after)) {
    expect(dueTime(before) ?? 0).toBeLessThanOrEqual(now + timings.earlyTolerance);
    if (before.attempts === 0) expect(before.startBy ?? Number.POSITIVE_INFINITY).toBeGreaterThan(now);
  }
  if (after.state === 'FAILURE' && after.error.type === 'Expired') {
    expect(after).toMatchObject({ attempts: 0, deadLetter: 'none' });
    expect(after.finishedAt).toBeGreaterThanOrEqual(after.startBy ?? Number.POSITIVE_INFINITY);
  }
}

it('every life of a task is lawful, in whatever order things happen', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.constantFrom(...submissions), lives, (submission, steps) => {
      let record = submittedFor(submission);
      let now = start;
      for (const next of steps) {
        now += next.wait;
        const event = eventFor(record, next, now);
        const before = structuredClone(record);
        const outcome = transition(record, event, now);
        expect(record).toEqual(before);
        seen.add(`${event.kind}: ${isRefusal(outcome) ? outcome.refused : outcome.state}`);
        if (isRefusal(outcome)) continue;
        expectLawful(record, event, outcome, now);
        record = outcome;
      }
    }),
    { numRuns: 1500, seed: 20_261_121 },
  );
  // Else the walk would have missed what it is for.
  expect([...seen].sort()).toMatchInlineSnapshot(`
    [
      "cancel: CANCELLED",
      "cancel: PROGRESS",
      "cancel: STARTED",
      "cancel: ended",
      "cancel: no-change",
      "claim: CANCELLED",
      "claim: FAILURE",
      "claim: STARTED",
      "claim: ended",
      "claim: held",
      "claim: not-due",
      "claim: stale-epoch",
      "continue: CANCELLED",
      "continue: PENDING",
      "continue: claim-lost",
      "dead-letter-sent: FAILURE",
      "dead-letter-sent: no-change",
      "expire: FAILURE",
      "expire: no-change",
      "fail: CANCELLED",
      "fail: FAILURE",
      "fail: claim-lost",
      "progress: PROGRESS",
      "progress: claim-lost",
      "renew: PROGRESS",
      "renew: STARTED",
      "renew: claim-lost",
      "reopen: PENDING",
      "reopen: stale-epoch",
      "reopen: succeeded",
      "reopen: unfinished",
      "retry: CANCELLED",
      "retry: RETRY",
      "retry: claim-lost",
      "snooze: RETRY",
      "snooze: SCHEDULED",
      "snooze: ended",
      "snooze: held",
      "snooze: not-due",
      "snooze: stale-epoch",
      "succeed: CANCELLED",
      "succeed: SUCCESS",
      "succeed: claim-lost",
    ]
  `);
});
