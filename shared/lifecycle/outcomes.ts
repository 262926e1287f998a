import type { RecordIn, RunningRecord, StoredValue, TaskError } from './task-record.ts';
import { extendTimeline } from './timeline.ts';
import { timings } from './timings.ts';

/** The attempt returned: the task ends SUCCESS, its result readable for `resultKeptMs`. */
export function succeedAttempt(
  record: RunningRecord,
  outcome: { readonly result: StoredValue; readonly resultKeptMs: number },
  now: number,
): RecordIn<'SUCCESS'> {
  const { leaseUntil, cancelRequest, ...kept } = record;
  return {
    ...kept,
    state: 'SUCCESS',
    finishedAt: now,
    result: outcome.result,
    resultExpiresAt: now + outcome.resultKeptMs,
    expiresAt: now + timings.keepSucceeded,
    timeline: extendTimeline(record, entry(record, 'SUCCESS', now, null)),
  };
}

/**
 * The attempt failed and the task will be tried again after `delayMs`: brought by its message, hidden until then, if
 * there is one and the wait is one that a queue can carry; otherwise by the reconciler.
 */
export function retryAttempt(
  record: RunningRecord,
  outcome: { readonly error: TaskError; readonly delayMs: number; readonly canPutBack: boolean },
  now: number,
): RecordIn<'RETRY'> {
  const { leaseUntil, cancelRequest, ...kept } = record;
  return {
    ...kept,
    state: 'RETRY',
    nextAttemptAt: now + outcome.delayMs,
    wokenBy: outcome.canPutBack && outcome.delayMs <= timings.visibilityLimit ? 'visibility' : 'reconciler',
    error: outcome.error,
    timeline: extendTimeline(record, entry(record, 'RETRY', now, reason(outcome.error))),
  };
}

/** The task ends FAILURE; `owed` means that a dead letter for the next epoch must still be sent. */
export function failAttempt(
  record: RunningRecord,
  outcome: { readonly error: TaskError; readonly deadLetter: 'none' | 'owed' },
  now: number,
): RecordIn<'FAILURE'> {
  const { leaseUntil, cancelRequest, ...kept } = record;
  return {
    ...kept,
    state: 'FAILURE',
    finishedAt: now,
    error: outcome.error,
    deadLetter: outcome.deadLetter,
    expiresAt: now + timings.keepFailed,
    timeline: extendTimeline(record, entry(record, 'FAILURE', now, reason(outcome.error))),
  };
}

function entry<S extends string>(record: RunningRecord, state: S, now: number, detail: string | null) {
  return { state, at: now, attempt: record.attempts, epoch: record.epoch, detail };
}

function reason(error: TaskError): string {
  return `${error.type}: ${error.message}`;
}
