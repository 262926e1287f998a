import { dueTime } from './due-time.ts';
import { expiryOf, hasExpired } from './expire.ts';
import { isEnded, isRunning, type TaskRecord } from './task-record.ts';
import { timings } from './timings.ts';

/**
 * The time by which the reconciler must look at a record if nothing happens to it; null when nothing is left to do.
 * This is the bound behind "nothing waits for ever".
 */
export function latestLook(record: TaskRecord, now: number): number | null {
  const look = usualLook(record, now);
  const expiry = expiryOf(record);
  return look === null || expiry === null ? look : Math.min(look, expiry);
}

function usualLook(record: TaskRecord, now: number): number | null {
  if (isRunning(record)) return record.leaseUntil + timings.afterLease;
  switch (record.state) {
    case 'PENDING':
      return now + timings.firstLook;
    case 'SCHEDULED':
      return hintTime(record.dueAt, record.wokenBy);
    case 'RETRY':
      return hintTime(record.nextAttemptAt, record.wokenBy);
    case 'FAILURE':
      return record.deadLetter === 'owed' ? now + timings.grace : record.finishedAt;
    case 'SUCCESS':
    case 'CANCELLED':
      return null;
  }
}

/** When a task that is due at a time needs a message: one that is on its way is given time to show up by itself. */
function hintTime(dueAt: number, wokenBy: 'message' | 'visibility' | 'reconciler'): number {
  return wokenBy === 'reconciler' ? dueAt - timings.lookAhead : dueAt + timings.grace;
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

/** What the reconciler does about a due record: at most one send, then the next look; or the end of one that expired. */
export type ReconcileAction =
  | { readonly kind: 'look'; readonly wakeAt: number; readonly resent: TaskRecord['resent'] }
  | { readonly kind: 'hint' | 'letter'; readonly wakeAt: number; readonly resent: TaskRecord['resent'] }
  | { readonly kind: 'expire' };

/**
 * Decides on a due record; null when it needs no attention any more. `by` marks the send as this run's own. Pure, so that
 * every case can be tested.
 */
export function reconcileAction(record: TaskRecord, now: number, by: string): ReconcileAction | null {
  if (record.state === 'FAILURE')
    return record.deadLetter === 'owed' ? sendAgain(record, 'letter', now, by) : null;
  if (isEnded(record)) return null;
  if (hasExpired(record, now)) return { kind: 'expire' };
  const due = record.state === 'PENDING' ? now : (usualLook(record, now) ?? now);
  if (due > now) return { kind: 'look', wakeAt: noLaterThanExpiry(record, due), resent: record.resent };
  return sendAgain(record, 'hint', now, by);
}

function sendAgain(record: TaskRecord, kind: 'hint' | 'letter', now: number, by: string): ReconcileAction {
  const phase = phaseOf(record);
  const count = record.resent?.phase === phase ? record.resent.count + 1 : 1;
  const pause = Math.min(timings.resendCap, timings.resendFirst * 2 ** (count - 1));
  const arrives = Math.max(now, dueTime(record) ?? now);
  const after = arrives > now ? timings.resendFirst : pause;
  // A send ahead of time may be lost with the run that noted it: the second comes soon enough to be in time as well.
  const isFirstAhead = count === 1 && arrives - now > 2 * timings.resendFirst;
  const look = isFirstAhead ? arrives - timings.resendFirst : arrives + after;
  return { kind, wakeAt: noLaterThanExpiry(record, look), resent: { phase, count, by } };
}

function noLaterThanExpiry(record: TaskRecord, look: number): number {
  return Math.min(look, expiryOf(record) ?? look);
}

/** Names the phase of a record: pauses between sends double within one and begin anew in the next. */
function phaseOf(record: TaskRecord): string {
  const turn = 'snoozes' in record ? `.${record.snoozes}` : '';
  return `${record.epoch}.${record.claim}.${isRunning(record) ? 'running' : record.state}${turn}`;
}
