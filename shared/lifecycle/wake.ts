import { isEnded, isRunning, type TaskRecord } from './task-record.ts';
import { timings } from './timings.ts';

/**
 * The time by which the reconciler must look at a record if nothing happens to it; null when nothing is left to do.
 * This is the bound behind "nothing waits for ever".
 */
export function latestLook(record: TaskRecord, now: number): number | null {
  if (isRunning(record)) return record.leaseUntil + timings.afterLease;
  switch (record.state) {
    case 'PENDING':
      return now + timings.firstLook;
    case 'RETRY':
      return record.wokenBy === 'reconciler' ? record.nextAttemptAt : record.nextAttemptAt + timings.grace;
    case 'FAILURE':
      return record.deadLetter === 'owed' ? now + timings.grace : record.finishedAt;
    case 'SUCCESS':
    case 'CANCELLED':
      return null;
  }
}

/**
 * `next` with its `wakeAt`: an earlier one stands, because rewriting it would cost two index writes for a look that does
 * no harm; a later one is pulled forward, because the new phase must not wait for the old phase's doubled pause.
 */
export function withWake<R extends TaskRecord>(next: R, now: number): R {
  const latest = latestLook(next, now);
  if (latest === null) return { ...next, wakeAt: null, resent: null };
  if (next.wakeAt !== null && next.wakeAt <= latest && !isSettledFailure(next)) return next;
  return { ...next, wakeAt: latest };
}

/** A failed task without an owed letter is listed by the time of its failure, not by a look that is due. */
function isSettledFailure(record: TaskRecord): boolean {
  return record.state === 'FAILURE' && record.deadLetter !== 'owed';
}

/** What the reconciler does about a due record: at most one send, then the next look. */
export interface ReconcileAction {
  readonly send: 'hint' | 'letter' | null;
  readonly wakeAt: number;
  readonly resent: TaskRecord['resent'];
}

/**
 * Decides on a due record; null when it needs no attention any more. `by` marks the send as this run's own. Pure, so that
 * every case can be tested.
 */
export function reconcileAction(record: TaskRecord, now: number, by: string): ReconcileAction | null {
  if (record.state === 'FAILURE')
    return record.deadLetter === 'owed' ? sendAgain(record, 'letter', now, by) : null;
  if (isEnded(record)) return null;
  const due = record.state === 'PENDING' ? now : (latestLook(record, now) ?? now);
  if (due > now) return { send: null, wakeAt: due, resent: record.resent };
  return sendAgain(record, 'hint', now, by);
}

function sendAgain(record: TaskRecord, send: 'hint' | 'letter', now: number, by: string): ReconcileAction {
  const phase = phaseOf(record);
  const count = record.resent?.phase === phase ? record.resent.count + 1 : 1;
  const pause = Math.min(timings.resendCap, timings.resendFirst * 2 ** (count - 1));
  return { send, wakeAt: now + pause, resent: { phase, count, by } };
}

/** Names the phase of a record: pauses between sends double within one and begin anew in the next. */
function phaseOf(record: TaskRecord): string {
  return `${record.epoch}.${record.claim}.${isRunning(record) ? 'running' : record.state}`;
}
