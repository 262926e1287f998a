import type { TaskRecord } from '../lifecycle/task-record.ts';
import type { Delivery } from '../ports/task-queue.ts';
import type { TaskImplementation, TaskLog } from '../tasks/implement-task.ts';

/** What a worker brings to every delivery: the work it can do, its time, and where it tells what happens. */
export interface WorkerSetup {
  /** By task name. */
  readonly implementations: ReadonlyMap<string, TaskImplementation>;
  /** Milliseconds since the epoch at which every attempt must have ended, so that its outcome can still be recorded. */
  readonly deadline: number;
  logFor(record: TaskRecord): TaskLog;
  observe(event: AttemptEvent, delivery: Delivery): void;
  /** Told of work that goes on although its attempt was cut off; the promise never rejects. @default ignored */
  leftRunning?(work: Promise<unknown>): void;
}

/** What happened to a delivery, for logs and metrics. */
export type AttemptEvent =
  | { readonly kind: 'started'; readonly record: TaskRecord; readonly waitedMs: number }
  /** The attempt's outcome is recorded: the record's state says which. */
  | { readonly kind: 'ended'; readonly record: TaskRecord; readonly durationMs: number }
  /** A limit has put the task off. */
  | { readonly kind: 'snoozed'; readonly record: TaskRecord }
  | { readonly kind: 'hook-failed'; readonly record: TaskRecord; readonly error: unknown }
  /** The message that should bring the task could not be sent; the reconciler sends it. */
  | { readonly kind: 'hint-unsent'; readonly record: TaskRecord; readonly error: unknown }
  | { readonly kind: 'superseded'; readonly record: TaskRecord }
  | { readonly kind: 'letter-owed'; readonly record: TaskRecord; readonly error: unknown }
  | { readonly kind: 'refused'; readonly taskId: string; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly messageId: string; readonly reason: string }
  /** The store or the queue failed: the message is kept. */
  | { readonly kind: 'fault'; readonly messageId: string; readonly error: unknown }
  /** A kept message could not be put back early; it comes back after the queue's visibility timeout. */
  | { readonly kind: 'not-postponed'; readonly messageId: string; readonly error: unknown };
