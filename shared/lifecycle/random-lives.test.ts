import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkRecord } from '../ports/check-record.ts';
import {
  cancel,
  claim,
  fail,
  inState,
  renew,
  reopenNext,
  report,
  retry,
  start,
  submitted,
  succeed,
} from './fixture-events.ts';
import { isRefusal } from './refusal.ts';
import { isEnded, isRunning, type TaskRecord } from './task-record.ts';
import { type TaskEvent, transition } from './transitions.ts';
import { latestLook } from './wake.ts';

const letter = { kind: 'dead-letter-sent', epoch: 1 } as const;

/** An event of any kind, most often one that fits the record; `nudge` makes it one too early, or too late. */
const step = fc.record({
  event: fc.constantFrom<TaskEvent>(claim, renew, report, succeed, retry, fail, reopenNext, cancel, letter),
  nudge: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(-1, 1) }),
  by: fc.constantFrom('ada', 'bob'),
  edited: fc.boolean(),
  wait: fc.constantFrom(0, 1, 1000, 44_999, 45_000, 61_000),
});

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

function eventFor(record: TaskRecord, { event, nudge, by, edited }: Step): TaskEvent {
  switch (event.kind) {
    case 'cancel':
      return { ...event, by };
    case 'claim':
    case 'dead-letter-sent':
      return { ...event, epoch: record.epoch + nudge };
    case 'reopen': {
      const input = edited ? ({ kind: 'inline', json: `"edited by ${by}"` } as const) : null;
      return { ...event, epoch: record.epoch + 1 + nudge, cause: { kind: 'retry', by }, input };
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
  expect(after.lost).toBeLessThanOrEqual(3);
  if (after.epoch === before.epoch) {
    expect(after.progress ?? 0).toBeGreaterThanOrEqual(before.progress ?? 0);
    expect(after.lost).toBeGreaterThanOrEqual(before.lost);
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

it('every life of a task is lawful, in whatever order things happen', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
      let record = submitted();
      let now = start;
      for (const next of steps) {
        now += next.wait;
        const event = eventFor(record, next);
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
      "dead-letter-sent: FAILURE",
      "dead-letter-sent: no-change",
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
      "succeed: CANCELLED",
      "succeed: SUCCESS",
      "succeed: claim-lost",
    ]
  `);
});
