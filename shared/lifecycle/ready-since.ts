import { isRunning, type TaskRecord } from './task-record.ts';

/**
 * Since when a task has had nothing to wait for but a worker, in milliseconds since the epoch: its submission or new
 * epoch, the time of its next attempt, the end of a lease that was not renewed. That may lie in the future: then it
 * waits for something else, or is being worked on. Null once it has ended.
 */
export function readySince(record: TaskRecord): number | null {
  if (isRunning(record)) return record.leaseUntil;
  switch (record.state) {
    case 'PENDING':
      return record.timeline.at(-1)?.at ?? record.createdAt;
    case 'SCHEDULED':
      return record.dueAt;
    case 'RETRY':
      return record.nextAttemptAt;
    case 'SUCCESS':
    case 'FAILURE':
    case 'CANCELLED':
      return null;
  }
}
