import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineTask } from '../tasks/define-task.ts';
import { newRecord } from './new-record.ts';
import { isRefusal } from './refusal.ts';
import type { TaskRecord } from './task-record.ts';
import { timings } from './timings.ts';
import { type TaskEvent, transition } from './transitions.ts';
import { reconcileAction } from './wake.ts';

const spec = defineTask({
  name: 'fixture',
  description: 'A task for tests.',
  input: z.null(),
  output: z.null(),
});
const start = 1_000_000;
const minute = 60_000;
const error = { type: 'Error', message: 'boom', stack: null, attempt: 1 };

function submitted(): TaskRecord {
  const input = { kind: 'inline', json: 'null' } as const;
  const task = {
    taskId: 't1',
    writer: 'w1',
    tenant: 'acme',
    priority: 'normal',
    tags: [],
    input,
    digest: null,
    uniqueKey: null,
  } as const;
  return newRecord(spec, task, start);
}

function apply(record: TaskRecord, event: TaskEvent, now: number): TaskRecord {
  const next = transition(record, event, now);
  if (isRefusal(next)) throw new Error(`refused: ${next.refused}`);
  return next;
}

const claim = { kind: 'claim', epoch: 1 } as const;

function claimedAt(now: number): TaskRecord {
  return apply(submitted(), claim, now);
}

describe('wakeAt', () => {
  it('is left alone by a quick task until it ends: two index writes, no more', () => {
    const claimed = claimedAt(start + 100);
    expect(claimed.wakeAt).toBe(start + timings.firstLook);
    const result = { kind: 'inline', json: 'null' } as const;
    const done = apply(
      claimed,
      { kind: 'succeed', claim: 1, result, resultKeptMs: 1, progress: null },
      start + 200,
    );
    expect(done.wakeAt).toBeNull();
  });

  it('is pulled forward when a task that waited long is claimed at last', () => {
    const waitedLong = { ...submitted(), wakeAt: start + timings.resendCap };
    const claimed = apply(waitedLong, claim, start);
    expect(claimed.wakeAt).toBe(start + timings.lease + timings.afterLease);
  });

  it('of a failed task is the time of its failure once no letter is owed', () => {
    const fail = { kind: 'fail', claim: 1, error, deadLetter: 'none', progress: null } as const;
    expect(apply(claimedAt(start), fail, start + 7).wakeAt).toBe(start + 7);
  });
});

describe('reconcileAction', () => {
  it('sends a waiting task again after 1, 2, 4 … minutes, at most every six hours', () => {
    let record = submitted();
    let now = start + timings.firstLook;
    const pauses: number[] = [];
    for (let look = 0; look < 12; look++) {
      const action = reconcileAction(record, now, 'run-1');
      expect(action?.send).toBe('hint');
      if (!action) break;
      pauses.push((action.wakeAt - now) / minute);
      record = { ...record, wakeAt: action.wakeAt, resent: action.resent };
      now = action.wakeAt;
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]);
  });

  it('begins anew with the pauses in a new phase', () => {
    const tired = { ...claimedAt(start), resent: { phase: '1.0.PENDING', count: 9, by: 'run-1' } };
    const action = reconcileAction(tired, start + timings.lease + timings.afterLease, 'run-2');
    expect(action).toMatchObject({ send: 'hint', resent: { count: 1, by: 'run-2' } });
  });

  it('waits for a lease to run out, then sends', () => {
    const claimed = claimedAt(start);
    const over = start + timings.lease + timings.afterLease;
    expect(reconcileAction(claimed, start + timings.firstLook, 'run-1')).toMatchObject({
      send: null,
      wakeAt: over,
    });
    expect(reconcileAction(claimed, over, 'run-1')).toMatchObject({ send: 'hint' });
  });

  it.each([
    ['by visibility', 60_000, 60_000 + timings.grace],
    ['by the reconciler', timings.visibilityLimit + 1, timings.visibilityLimit + 1],
  ])('looks at a retry woken %s when its time has come', (_, delayMs, look) => {
    const waiting = apply(
      claimedAt(start),
      { kind: 'retry', claim: 1, error, delayMs, canPutBack: true, progress: null },
      start,
    );
    expect(reconcileAction(waiting, start + look - 1, 'run-1')).toMatchObject({
      send: null,
      wakeAt: start + look,
    });
    expect(reconcileAction(waiting, start + look, 'run-1')).toMatchObject({ send: 'hint' });
  });

  it('pays owed letters and leaves ended tasks alone', () => {
    const fail = (deadLetter: 'owed' | 'none') =>
      ({ kind: 'fail', claim: 1, error, deadLetter, progress: null }) as const;
    expect(reconcileAction(apply(claimedAt(start), fail('owed'), start), start, 'run-1')).toMatchObject({
      send: 'letter',
    });
    expect(reconcileAction(apply(claimedAt(start), fail('none'), start), start, 'run-1')).toBeNull();
  });
});
