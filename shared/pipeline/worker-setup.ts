import type { TaskRecord } from '../lifecycle/task-record.ts';
import type { TaskImplementation, TaskLog } from '../tasks/implement-task.ts';

/** What a worker brings to every delivery: the work it can do, its time, and where it tells what happens. */
export interface WorkerSetup {
  /** By task name. */
  readonly implementations: ReadonlyMap<string, TaskImplementation>;
  /** Milliseconds since the epoch at which every attempt must have ended, so that its outcome can still be recorded. */
  readonly deadline: number;
  logFor(record: TaskRecord): TaskLog;
  observe(event: AttemptEvent): void;
}

/** What happened to a delivery, for logs and metrics. */
export type AttemptEvent =
  | { readonly kind: 'started'; readonly record: TaskRecord; readonly waitedMs: number }
  | {
      readonly kind: 'succeeded' | 'retrying' | 'failed';
      readonly record: TaskRecord;
      readonly durationMs: number;
    }
  | { readonly kind: 'superseded'; readonly record: TaskRecord }
  | { readonly kind: 'letter-owed'; readonly record: TaskRecord; readonly error: unknown }
  | { readonly kind: 'refused'; readonly taskId: string; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly messageId: string; readonly reason: string };
