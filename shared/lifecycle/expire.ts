import { failTask } from './outcomes.ts';
import type { Refusal } from './refusal.ts';
import { isEnded, isRunning, type RecordIn, type TaskRecord } from './task-record.ts';

/** Whether a task should have begun its first attempt by now, and has not. */
export function hasExpired(record: TaskRecord, now: number): boolean {
  const waits = record.state === 'SCHEDULED' || record.state === 'PENDING';
  return waits && record.attempts === 0 && record.startBy !== null && record.startBy <= now;
}

/** The task ends without having been tried. No letter: whoever set the time wants no late run. Source: Celery, `expires`. */
export function expire(record: TaskRecord, now: number): RecordIn<'FAILURE'> | Refusal {
  if (isEnded(record) || !hasExpired(record, now)) return { refused: 'no-change' };
  const by = new Date(record.startBy ?? now).toISOString();
  const error = { type: 'Expired', message: `not started by ${by}`, stack: null, attempt: 0 };
  return failTask(record, { error, deadLetter: 'none' }, now);
}

/** The time by which the record must be looked at because it may expire then; null when it cannot. */
export function expiryOf(record: TaskRecord): number | null {
  return isRunning(record) || !hasExpired(record, Number.POSITIVE_INFINITY) ? null : record.startBy;
}
