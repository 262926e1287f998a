import { endCancelled } from './cancel.ts';
import { dueTime } from './due-time.ts';
import { expire, hasExpired } from './expire.ts';
import { failTask } from './outcomes.ts';
import { isRefusal, type Refusal } from './refusal.ts';
import {
  isEnded,
  isRunning,
  type RecordIn,
  type RunningRecord,
  type TaskRecord,
  type UnfinishedRecord,
} from './task-record.ts';
import { extendTimeline } from './timeline.ts';
import { timings } from './timings.ts';
import { withoutWaiting } from './without-waiting.ts';

/** On what terms a worker asks for a task. */
export interface ClaimTerms {
  /** Other tasks run beside it. @default false */
  readonly company?: boolean;
  /** The number of the claim that a place was taken for: it counts for no other. @default whichever is next */
  readonly nextClaim?: number;
  /** Whether an attempt may begin; else only one that has begun may go on. @default true */
  readonly mayBegin?: boolean;
}

/**
 * A worker asks for a task on the strength of a message. Granted, it draws the next claim number (the fencing token)
 * and a lease. A lease that ran out is taken over and counts as a lost worker, not as an attempt; the third ends the
 * task, and so does a cancel that the lost worker has not seen to. A task that should have begun by now ends Expired.
 */
export function claimTask(
  record: TaskRecord,
  epoch: number,
  now: number,
  terms: ClaimTerms = {},
): TaskRecord | Refusal {
  const next = decideClaim(record, epoch, now, terms);
  if (isRefusal(next) || !isRunning(next)) return next;
  // Its message comes again at once, and finds the task as it is now.
  return next.claim === (terms.nextClaim ?? next.claim) ? next : { refused: 'not-due', dueAt: now };
}

function decideClaim(
  record: TaskRecord,
  epoch: number,
  now: number,
  { company = false, mayBegin = true }: ClaimTerms,
): TaskRecord | Refusal {
  if (company && record.epoch === epoch && followsLostWorker(record, now)) return { refused: 'alone' };
  if (record.epoch !== epoch) return { refused: 'stale-epoch' };
  if (isEnded(record)) return { refused: 'ended' };
  if (isRunning(record)) return record.leaseUntil > now ? { refused: 'held' } : takeOver(record, now);
  if (hasExpired(record, now)) return expire(record, now);
  const dueAt = dueTime(record);
  if (dueAt !== null && dueAt > now + timings.earlyTolerance) return { refused: 'not-due', dueAt };
  const continued = 'continues' in record ? record.continues : null;
  // An attempt that no rate limit has counted: its message, too, comes again at once.
  if (continued === null && !mayBegin) return { refused: 'not-due', dueAt: now };
  return continued === null
    ? start(record, { attempts: record.attempts + 1, startedAt: now }, now)
    : start(record, { attempts: record.attempts, startedAt: continued.startedAt }, now);
}

/** Whether a claim now would follow on a lost worker: what killed that one may kill the next, and all that it runs. */
export function followsLostWorker(record: TaskRecord, now: number): boolean {
  return isRunning(record) ? record.leaseUntil <= now : record.lost > 0 && !isEnded(record);
}

function takeOver(record: RunningRecord, now: number): TaskRecord {
  if (record.cancelRequest !== null) return endCancelled(record, record.cancelRequest, now);
  const lost = record.lost + 1;
  if (lost < timings.lostWorkers) {
    return start(record, { attempts: record.attempts, startedAt: record.startedAt, lost }, now);
  }
  const message = `${lost} workers died while running this task`;
  const error = { type: 'WorkerLost', message, stack: null, attempt: record.attempts };
  return failTask({ ...record, lost }, { error, deadLetter: 'owed' }, now);
}

function start(
  record: UnfinishedRecord,
  begun: { readonly attempts: number; readonly startedAt: number; readonly lost?: number },
  now: number,
): RecordIn<'STARTED'> {
  const { attempts, startedAt, lost = record.lost } = begun;
  const detail = lost > record.lost ? 'the worker before was lost' : null;
  return {
    ...withoutWaiting(record),
    state: 'STARTED',
    attempts,
    lost,
    claim: record.claim + 1,
    startedAt,
    leaseUntil: now + timings.lease,
    cancelRequest: null,
    timeline: extendTimeline(record, {
      ...{ state: 'STARTED', at: now, attempt: attempts, epoch: record.epoch, detail },
    }),
  };
}
