import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import type { ApiClient } from './api-client.ts';

/** The parts of a task's record that a watcher shows. */
export const watchedRecord = z.object({
  task_id: z.string(),
  state: z.string(),
  status: z.string().nullable(),
  progress: z.number().nullable(),
  epoch: z.int(),
  attempts: z.int(),
  max_attempts: z.int(),
  next_attempt_at: z.iso.datetime().nullable(),
  result: z.unknown(),
  error: z.object({ type: z.string(), message: z.string() }).nullable(),
});

/** See {@link watchedRecord}. */
export type WatchedRecord = z.output<typeof watchedRecord>;

/** Whether the task will not change any more. */
export function isOver(record: WatchedRecord): boolean {
  return ['SUCCESS', 'FAILURE', 'CANCELLED'].includes(record.state);
}

/** What a watcher does with what it sees. */
export interface Watch {
  readonly taskIds: readonly string[];
  show(records: readonly WatchedRecord[]): void;
  /** May ask for something to be done about what was seen. */
  act?(records: readonly WatchedRecord[]): Promise<void>;
  /** Called when nothing but time can bring a task further; resolves once time has passed. */
  whenAllWait(records: readonly WatchedRecord[]): Promise<void>;
}

const pauseMs = 100;

/** Polls the tasks until each is over; returns their last records in the order of `taskIds`. */
export async function watchTasks(api: ApiClient, watch: Watch): Promise<readonly WatchedRecord[]> {
  for (;;) {
    const records = await Promise.all(
      watch.taskIds.map((id) => api('GET', `/api/v1/tasks/${id}`, watchedRecord)),
    );
    watch.show(records);
    await watch.act?.(records);
    const unfinished = records.filter((record) => !isOver(record));
    if (unfinished.length === 0) return records;
    if (unfinished.every((record) => record.state === 'RETRY')) await watch.whenAllWait(unfinished);
    await wait(pauseMs);
  }
}
