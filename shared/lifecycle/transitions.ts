import { endCancelled, requestCancel } from './cancel.ts';
import { type ClaimTerms, claimTask } from './claim.ts';
import { expire } from './expire.ts';
import { continueLater, failTask, retryAttempt, succeedAttempt } from './outcomes.ts';
import { isRefusal, type Refusal } from './refusal.ts';
import { type Reopening, reopen } from './reopen.ts';
import { type Snooze, snooze } from './snooze.ts';
import {
  isRunning,
  type RunningRecord,
  type StoredValue,
  type TaskError,
  type TaskRecord,
} from './task-record.ts';
import { timings } from './timings.ts';
import { withWake } from './wake.ts';

/** The progress that an outcome carries along, so that the last report costs no write of its own. */
export interface Progress {
  readonly percent: number;
  readonly status: string;
}

/** Everything that can happen to a stored task. Events of an attempt name the claim they were made under. */
export type TaskEvent =
  | ({ readonly kind: 'claim'; readonly epoch: number } & ClaimTerms)
  | { readonly kind: 'renew'; readonly claim: number }
  | { readonly kind: 'progress'; readonly claim: number; readonly progress: Progress }
  | {
      readonly kind: 'succeed';
      readonly claim: number;
      readonly result: StoredValue;
      readonly resultKeptMs: number;
      readonly progress: Progress | null;
    }
  | {
      readonly kind: 'retry';
      readonly claim: number;
      readonly error: TaskError;
      readonly delayMs: number;
      /** Whether a queue holds the message that could bring the next attempt. */
      readonly canPutBack: boolean;
      readonly progress: Progress | null;
    }
  | {
      readonly kind: 'fail';
      readonly claim: number;
      readonly error: TaskError;
      readonly deadLetter: 'none' | 'owed';
      readonly progress: Progress | null;
    }
  | { readonly kind: 'continue'; readonly claim: number; readonly progress: Progress | null }
  | ({ readonly kind: 'snooze' } & Snooze)
  | { readonly kind: 'expire' }
  | { readonly kind: 'dead-letter-sent'; readonly epoch: number }
  | { readonly kind: 'cancel'; readonly by: string }
  | ({ readonly kind: 'reopen' } & Reopening);

/**
 * The record after an event, or why it does not apply. The only place where a task changes state: worker, API,
 * reconciler and command line all go through it. Pure; `version` and `writer` are the save's to set.
 */
export function transition(record: TaskRecord, event: TaskEvent, now: number): TaskRecord | Refusal {
  const next = apply(record, event, now);
  return isRefusal(next) ? next : withWake(next, now);
}

function apply(record: TaskRecord, event: TaskEvent, now: number): TaskRecord | Refusal {
  switch (event.kind) {
    case 'claim':
      return claimTask(record, event.epoch, now, event);
    case 'dead-letter-sent':
      return settleLetter(record, event.epoch);
    case 'snooze':
      return snooze(record, event, now);
    case 'expire':
      return expire(record, now);
    case 'cancel':
      return requestCancel(record, event.by, now);
    case 'reopen':
      return reopen(record, event, now);
    default:
      if (!isRunning(record) || record.claim !== event.claim) return { refused: 'claim-lost' };
      return continueAttempt(record, event, now);
  }
}

type AttemptEvent = Extract<TaskEvent, { claim: number }>;

function continueAttempt(record: RunningRecord, event: AttemptEvent, now: number): TaskRecord {
  if (event.kind === 'renew') return { ...record, leaseUntil: now + timings.lease };
  const current = { ...record, ...furthest(record, event.progress) };
  if (event.kind === 'progress') return { ...current, state: 'PROGRESS', leaseUntil: now + timings.lease };
  if (record.cancelRequest !== null) return endCancelled(current, record.cancelRequest, now);
  switch (event.kind) {
    case 'succeed':
      return succeedAttempt(current, event, now);
    case 'retry':
      return retryAttempt(current, event, now);
    case 'fail':
      return failTask(current, event, now);
    case 'continue':
      return continueLater(current, now);
  }
}

function settleLetter(record: TaskRecord, epoch: number): TaskRecord | Refusal {
  if (record.state !== 'FAILURE' || record.epoch !== epoch || record.deadLetter !== 'owed') {
    return { refused: 'no-change' };
  }
  return { ...record, deadLetter: 'sent' };
}

const longestStatus = 1000;

/**
 * Progress never goes back: a repeated attempt stays at the furthest point until it has caught up. Its words are
 * bounded: an outcome that carries too many for an item of the store could never be saved.
 */
function furthest(
  record: TaskRecord,
  progress: Progress | null,
): { progress: number | null; status: string | null } {
  if (progress === null || progress.percent < (record.progress ?? 0)) {
    return { progress: record.progress, status: record.status };
  }
  return { progress: progress.percent, status: progress.status.slice(0, longestStatus).toWellFormed() };
}
