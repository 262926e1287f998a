import { failAttempt } from './outcomes.ts';
import type { Refusal } from './refusal.ts';
import { isEnded, isRunning, type RecordIn, type RunningRecord, type TaskRecord } from './task-record.ts';
import { extendTimeline } from './timeline.ts';
import { timings } from './timings.ts';

/**
 * A worker asks for a task on the strength of a message. Granted, it draws the next claim number (the fencing token)
 * and a lease. A lease that ran out is taken over and counts as a lost worker, not as an attempt; the third ends the
 * task. A dead letter opens the next epoch, and only on a failed task.
 */
export function claimTask(
  record: TaskRecord,
  message: { readonly epoch: number; readonly dead: boolean },
  now: number,
): TaskRecord | Refusal {
  const target = message.dead ? reopen(record, message.epoch, now) : record;
  if (target.epoch !== message.epoch) return { refused: 'stale-epoch' };
  if (isEnded(target)) return { refused: 'ended' };
  if (isRunning(target)) return target.leaseUntil > now ? { refused: 'held' } : takeOver(target, now);
  if (target.state === 'RETRY' && target.nextAttemptAt > now + timings.earlyTolerance) {
    return { refused: 'not-due', dueAt: target.nextAttemptAt };
  }
  return start(target, target.attempts + 1, target.lost, now);
}

function takeOver(record: RunningRecord, now: number): TaskRecord {
  const lost = record.lost + 1;
  if (lost < timings.lostWorkers) return start(record, record.attempts, lost, now);
  const message = `${lost} workers died while running this task`;
  const error = { type: 'WorkerLost', message, stack: null, attempt: record.attempts };
  return failAttempt({ ...record, lost }, { error, deadLetter: 'owed' }, now);
}

function start(record: TaskRecord, attempts: number, lost: number, now: number): RecordIn<'STARTED'> {
  const {
    taskId,
    task,
    queue,
    tenant,
    priority,
    tags,
    input,
    epoch,
    maxAttempts,
    createdAt,
    version,
    writer,
  } = record;
  const detail = lost > record.lost ? 'the worker before was lost' : null;
  return {
    ...{ taskId, task, queue, tenant, priority, tags, input, epoch, maxAttempts, createdAt, version, writer },
    state: 'STARTED',
    attempts,
    lost,
    claim: record.claim + 1,
    progress: record.progress,
    status: record.status,
    startedAt: now,
    leaseUntil: now + timings.lease,
    timeline: extendTimeline(record, { state: 'STARTED', at: now, attempt: attempts, epoch, detail }),
    wakeAt: record.wakeAt,
    resent: record.resent,
  };
}

function reopen(record: TaskRecord, epoch: number, now: number): TaskRecord {
  if (record.state !== 'FAILURE' || record.epoch + 1 !== epoch) return record;
  const { startedAt, finishedAt, error, deadLetter, expiresAt, ...kept } = record;
  const detail = `opened again by its dead letter after ${error.type}`;
  return {
    ...kept,
    state: 'PENDING',
    epoch,
    attempts: 0,
    lost: 0,
    progress: null,
    status: null,
    timeline: extendTimeline(record, { state: 'PENDING', at: now, attempt: 0, epoch, detail }),
  };
}
