import type { Refusal } from './refusal.ts';
import {
  type CancelRequest,
  isEnded,
  isRunning,
  type RecordIn,
  type TaskRecord,
  type UnfinishedRecord,
} from './task-record.ts';
import { extendTimeline } from './timeline.ts';
import { timings } from './timings.ts';
import { withoutWaiting } from './without-waiting.ts';

/**
 * Somebody wants the task cancelled. A waiting task ends at once, and so does one whose worker is lost. A running one is
 * flagged, and ends when its worker has seen the flag. Asked again, nothing changes; a task that ended otherwise refuses.
 */
export function requestCancel(record: TaskRecord, by: string, now: number): TaskRecord | Refusal {
  const request = { at: now, by: by.slice(0, longestName).toWellFormed() };
  if (record.state === 'CANCELLED') return { refused: 'no-change' };
  if (isEnded(record)) return { refused: 'ended' };
  if (!isRunning(record)) return endCancelled(record, request, now);
  if (record.leaseUntil <= now) return endCancelled(record, record.cancelRequest ?? request, now);
  return record.cancelRequest === null ? { ...record, cancelRequest: request } : { refused: 'no-change' };
}

const longestName = 100;

/** The task ends CANCELLED, whatever its attempt came to. */
export function endCancelled(
  record: UnfinishedRecord,
  request: CancelRequest,
  now: number,
): RecordIn<'CANCELLED'> {
  const { startedAt, ...kept } = withoutWaiting(record);
  const detail = `cancelled by ${request.by}`;
  return {
    ...kept,
    state: 'CANCELLED',
    startedAt: startedAt ?? null,
    finishedAt: now,
    cancelRequest: request,
    expiresAt: now + timings.keepSucceeded,
    timeline: extendTimeline(record, {
      ...{ state: 'CANCELLED', at: now, attempt: record.attempts, epoch: record.epoch, detail },
    }),
  };
}
