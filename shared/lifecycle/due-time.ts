import type { TaskRecord } from './task-record.ts';

/** When a task that waits for a time may start, in milliseconds since the epoch; null for one that waits for no time. */
export function dueTime(record: TaskRecord): number | null {
  if (record.state === 'SCHEDULED') return record.dueAt;
  return record.state === 'RETRY' ? record.nextAttemptAt : null;
}
