import { endCancelled } from './cancel.ts';
import { failAttempt } from './outcomes.ts';
import type { Refusal } from './refusal.ts';
import { isEnded, isRunning, type RecordIn, type RunningRecord, type TaskRecord } from './task-record.ts';
import { extendTimeline } from './timeline.ts';
import { timings } from './timings.ts';

/**
 * A worker asks for a task on the strength of a message. Granted, it draws the next claim number (the fencing token)
 * and a lease. A lease that ran out is taken over and counts as a lost worker, not as an attempt; the third ends the
 * task, and so does a cancel that the lost worker has not seen to.
 */
export function claimTask(
  record: TaskRecord,
  epoch: number,
  now: number,
  company = false,
): TaskRecord | Refusal {
  if (company && record.epoch === epoch && followsLostWorker(record, now)) return { refused: 'alone' };
  if (record.epoch !== epoch) return { refused: 'stale-epoch' };
  if (isEnded(record)) return { refused: 'ended' };
  if (isRunning(record)) return record.leaseUntil > now ? { refused: 'held' } : takeOver(record, now);
  if (record.state === 'RETRY' && record.nextAttemptAt > now + timings.earlyTolerance) {
    return { refused: 'not-due', dueAt: record.nextAttemptAt };
  }
  return start(record, record.attempts + 1, record.lost, now);
}

/** Whether a claim now would follow on a lost worker: what killed that one may kill the next, and all that it runs. */
export function followsLostWorker(record: TaskRecord, now: number): boolean {
  return isRunning(record) ? record.leaseUntil <= now : record.lost > 0 && !isEnded(record);
}

function takeOver(record: RunningRecord, now: number): TaskRecord {
  if (record.cancelRequest !== null) return endCancelled(record, record.cancelRequest, now);
  const lost = record.lost + 1;
  if (lost < timings.lostWorkers) return start(record, record.attempts, lost, now);
  const message = `${lost} workers died while running this task`;
  const error = { type: 'WorkerLost', message, stack: null, attempt: record.attempts };
  return failAttempt({ ...record, lost }, { error, deadLetter: 'owed' }, now);
}

function start(record: TaskRecord, attempts: number, lost: number, now: number): RecordIn<'STARTED'> {
  const { taskId, task, queue, tenant, priority, tags, input, epoch, maxAttempts, createdAt } = record;
  const { digest, uniqueKey, stepsAfter, version, writer, wakeAt, resent, progress, status } = record;
  const detail = lost > record.lost ? 'the worker before was lost' : null;
  return {
    ...{ taskId, task, queue, tenant, priority, tags, input, epoch, maxAttempts, createdAt },
    ...{ digest, uniqueKey, stepsAfter, version, writer, wakeAt, resent, progress, status },
    state: 'STARTED',
    attempts,
    lost,
    claim: record.claim + 1,
    startedAt: now,
    leaseUntil: now + timings.lease,
    cancelRequest: null,
    timeline: extendTimeline(record, { state: 'STARTED', at: now, attempt: attempts, epoch, detail }),
  };
}
