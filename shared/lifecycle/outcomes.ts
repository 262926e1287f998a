import type {
  RecordIn,
  RunningRecord,
  StoredValue,
  TaskError,
  TimelineEntry,
  UnfinishedRecord,
} from './task-record.ts';
import { extendTimeline } from './timeline.ts';
import { timings } from './timings.ts';
import { withoutWaiting } from './without-waiting.ts';

/** The attempt returned: the task ends SUCCESS, its result readable for `resultKeptMs`. */
export function succeedAttempt(
  record: RunningRecord,
  outcome: { readonly result: StoredValue; readonly resultKeptMs: number },
  now: number,
): RecordIn<'SUCCESS'> {
  return {
    ...withoutWaiting(record),
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
  return {
    ...withoutWaiting(record),
    state: 'RETRY',
    startedAt: record.startedAt,
    nextAttemptAt: now + outcome.delayMs,
    wokenBy: outcome.canPutBack && outcome.delayMs <= timings.visibilityLimit ? 'visibility' : 'reconciler',
    error: outcome.error,
    snoozes: 0,
    hasTurn: false,
    timeline: extendTimeline(record, entry(record, 'RETRY', now, reason(outcome.error))),
  };
}

/**
 * The attempt stops between two steps, to go on in a fresh invocation: same attempt, same progress. It has come further
 * without losing this worker, so that earlier losses count no more: a long task may outlive more of them than a poison one.
 */
export function continueLater(record: RunningRecord, now: number): RecordIn<'PENDING'> {
  const { startedAt, ...kept } = withoutWaiting(record);
  const detail = 'goes on in a fresh invocation';
  return {
    ...kept,
    state: 'PENDING',
    lost: 0,
    continues: { startedAt: record.startedAt },
    timeline: extendTimeline(record, entry(record, 'PENDING', now, detail)),
  };
}

/** The task ends FAILURE; `owed` means that a dead letter for the next epoch must still be sent. */
export function failTask(
  record: UnfinishedRecord,
  outcome: { readonly error: TaskError; readonly deadLetter: 'none' | 'owed' },
  now: number,
): RecordIn<'FAILURE'> {
  return {
    ...withoutWaiting(record),
    state: 'FAILURE',
    finishedAt: now,
    error: outcome.error,
    deadLetter: outcome.deadLetter,
    expiresAt: now + timings.keepFailed,
    timeline: extendTimeline(record, entry(record, 'FAILURE', now, reason(outcome.error))),
  };
}

function entry(
  record: UnfinishedRecord,
  state: TimelineEntry['state'],
  at: number,
  detail: string | null,
): TimelineEntry {
  return { state, at, attempt: record.attempts, epoch: record.epoch, detail };
}

function reason(error: TaskError): string {
  return `${error.type}: ${error.message}`;
}
