import { dueTime } from './due-time.ts';
import type { Refusal } from './refusal.ts';
import { isEnded, isRunning, type TaskRecord } from './task-record.ts';
import { extendTimeline } from './timeline.ts';
import { timings } from './timings.ts';

/** A limit has no room for a task now: until when it is put off, and whether that time is its turn, kept free for it. */
export interface Snooze {
  readonly epoch: number;
  readonly until: number;
  readonly waitsFor: 'rate-limit' | 'concurrency';
  readonly hasTurn: boolean;
}

/** The task waits on; no attempt is spent, and one that waits for a retry keeps its error. One not yet due is left alone. */
export function snooze(
  record: TaskRecord,
  { epoch, until, waitsFor, hasTurn }: Snooze,
  now: number,
): TaskRecord | Refusal {
  if (record.epoch !== epoch) return { refused: 'stale-epoch' };
  if (isEnded(record)) return { refused: 'ended' };
  if (isRunning(record)) return { refused: 'held' };
  // Decided for a message that came twice: the other one was put off meanwhile, and has perhaps its turn.
  const dueAt = dueTime(record);
  if (dueAt !== null && dueAt > now + timings.earlyTolerance) return { refused: 'not-due', dueAt };
  const far = until - now > timings.visibilityLimit;
  const detail =
    waitsFor === 'rate-limit' ? 'waits for its rate limit' : 'waits for others of its concurrency key';
  const state = record.state === 'RETRY' ? 'RETRY' : 'SCHEDULED';
  const timeline = extendTimeline(record, { state, at: now, attempt: record.attempts, epoch, detail });
  if (record.state === 'RETRY') {
    const wokenBy = far ? 'reconciler' : 'visibility';
    return { ...record, nextAttemptAt: until, wokenBy, hasTurn, snoozes: record.snoozes + 1, timeline };
  }
  const snoozes = record.state === 'SCHEDULED' ? record.snoozes + 1 : 1;
  const wokenBy = far ? 'reconciler' : 'message';
  return { ...record, state: 'SCHEDULED', dueAt: until, waitsFor, wokenBy, hasTurn, snoozes, timeline };
}
