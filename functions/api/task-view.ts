import type * as z from 'zod';
import { dueTime } from '#shared/lifecycle/due-time.ts';
import type { TaskRecord } from '#shared/lifecycle/task-record.ts';
import { isEnded, isRunning } from '#shared/lifecycle/task-record.ts';
import type { TaskOutcome, TaskReading } from '#shared/pipeline/read-task.ts';
import type { taskStatusView, taskSummaryView, taskView } from './task-shapes.ts';

/** What a viewer may see beside what every reader may. */
export interface TaskViewer {
  /** Operators see stacks. */
  readonly operator: boolean;
}

/** A record as listings show it. */
export function viewSummary(record: TaskRecord, viewer: TaskViewer): z.input<typeof taskSummaryView> {
  return {
    task_id: record.taskId,
    task: record.task,
    queue: record.queue,
    state: record.state,
    status: record.status,
    progress: progressOf(record),
    error: errorOf(record, viewer),
    attempts: record.attempts,
    max_attempts: record.maxAttempts,
    epoch: record.epoch,
    priority: record.priority,
    tags: record.tags,
    tenant: record.tenant,
    created_at: iso(record.createdAt),
    eta: isoOrNull(record.eta),
    started_at: isoOrNull(startOf(record)),
    finished_at: isEnded(record) ? iso(record.finishedAt) : null,
    next_attempt_at: isoOrNull(dueTime(record)),
    expires_at: isoOrNull(record.startBy),
    record_expires_at: isEnded(record) ? iso(record.expiresAt) : null,
    cancel_requested: 'cancelRequest' in record && record.cancelRequest !== null,
    parent_id: null,
    workflow_id: null,
  };
}

/** A task in full. */
export function viewTask(reading: TaskReading, viewer: TaskViewer): z.input<typeof taskView> {
  const { record, input, result, resultExpired } = reading;
  return {
    ...viewSummary(record, viewer),
    input,
    result,
    result_expired: resultExpired,
    timeline: record.timeline.map((entry) => ({ ...entry, at: iso(entry.at) })),
  };
}

/** A task in the six fields that pollers read; a task that waits for a time is PENDING and says why in words. */
export function viewStatus({ record, result }: TaskOutcome): z.input<typeof taskStatusView> {
  return {
    task_id: record.taskId,
    state: shownState(record),
    status: waitingWords(record) ?? record.status,
    progress: progressOf(record),
    result,
    error: record.state === 'FAILURE' ? record.error.message : null,
  };
}

/** Seconds after which asking again may be worth it, for Retry-After; null once the task has ended. */
export function retryAfter(record: TaskRecord, now: number): number | null {
  if (isEnded(record)) return null;
  const wait = (dueTime(record) ?? now) - now;
  return Math.min(60, Math.max(1, Math.ceil(wait / 1000)));
}

function shownState(record: TaskRecord) {
  // Between two invocations nobody runs it, and yet it is under way.
  if (isRunning(record) || (record.state === 'PENDING' && record.continues !== null)) return 'PROGRESS';
  return record.state === 'RETRY' || record.state === 'SCHEDULED' ? 'PENDING' : record.state;
}

/** When the attempt began that runs or goes on, or ran last; null before the first. */
function startOf(record: TaskRecord): number | null {
  if ('continues' in record) return record.continues?.startedAt ?? null;
  return record.startedAt;
}

function progressOf(record: TaskRecord): number | null {
  if (record.state === 'SUCCESS') return 100;
  return record.progress ?? (isRunning(record) ? 0 : null);
}

/** Why, and until when, a task waits for a time; null for any other. */
function waitingWords(record: TaskRecord): string | null {
  if (record.state === 'RETRY') {
    const { attempts, maxAttempts, nextAttemptAt, error } = record;
    const failed = `attempt ${attempts} of ${maxAttempts} failed with ${error.type}`;
    return `${failed}; the next is due at ${iso(nextAttemptAt)}`;
  }
  return record.state === 'SCHEDULED' ? `${reasons[record.waitsFor]} ${iso(record.dueAt)}` : null;
}

const reasons = {
  eta: 'scheduled for',
  'rate-limit': 'waits for its rate limit until',
  concurrency: 'waits for others of its concurrency key until',
} as const;

function errorOf(record: TaskRecord, viewer: TaskViewer) {
  if (!('error' in record)) return null;
  const { type, message, attempt, stack } = record.error;
  return { type, message, attempt, ...(viewer.operator && { stack }) };
}

function isoOrNull(time: number | null): string | null {
  return time === null ? null : iso(time);
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
