import * as z from 'zod';
import { timelineEntry } from '#shared/lifecycle/task-record.ts';

const time = z.iso.datetime();
const state = timelineEntry.shape.state;

/** Answer to an accepted task. */
export const acceptedView = z.object({ task_id: z.string(), state, status_url: z.string() });

/** Answer to a request to cancel: what the task ends as, whether or not it has ended by now. */
export const cancelView = z.object({
  task_id: z.string(),
  status: z.literal('CANCELLED'),
  message: z.string(),
});

/** A task without its arguments, result and history, as listings show it. */
export const taskSummaryView = z.object({
  task_id: z.string(),
  task: z.string(),
  queue: z.string(),
  state,
  /** The words of the last progress. */
  status: z.string().nullable(),
  progress: z.number().nullable(),
  error: z
    .object({
      type: z.string(),
      message: z.string(),
      attempt: z.int(),
      /** For operators only. */
      stack: z.string().nullable().optional(),
    })
    .nullable(),
  attempts: z.int(),
  max_attempts: z.int(),
  epoch: z.int(),
  priority: z.enum(['normal', 'high']),
  tags: z.array(z.string()),
  tenant: z.string(),
  created_at: time,
  /** When the caller wanted it to run; null for at once. */
  eta: time.nullable(),
  started_at: time.nullable(),
  finished_at: time.nullable(),
  /** When a task that waits for a time may start. */
  next_attempt_at: time.nullable(),
  /** A task that has not started by then ends Expired. */
  expires_at: time.nullable(),
  /** When an ended task's record may be deleted. */
  record_expires_at: time.nullable(),
  cancel_requested: z.boolean(),
  parent_id: z.null(),
  workflow_id: z.null(),
});

/** A whole task. */
export const taskView = taskSummaryView.extend({
  input: z.unknown(),
  result: z.unknown(),
  /** Whether there was a result that can no longer be read. */
  result_expired: z.boolean(),
  timeline: z.array(
    z.object({ state, at: time, attempt: z.int(), epoch: z.int(), detail: z.string().nullable() }),
  ),
});

/** What a caller that waits for a task needs to know, in six fields. */
export const taskStatusView = z.object({
  task_id: z.string(),
  state: z.enum(['PENDING', 'PROGRESS', 'SUCCESS', 'FAILURE', 'CANCELLED']),
  status: z.string().nullable(),
  progress: z.number().nullable(),
  result: z.unknown(),
  error: z.string().nullable(),
});

/** A page of tasks, newest first. */
export const taskPageView = z.object({
  items: z.array(taskSummaryView),
  next_cursor: z.string().nullable(),
});
