import * as z from 'zod';
import { timelineEntry } from '#shared/lifecycle/task-record.ts';
import { flag, isoTime, nullableNumber, nullableText, text, whole } from '#shared/plain-schemas.ts';

const time = isoTime;
const state = timelineEntry.shape.state;

/** Answer to an accepted task. */
export const acceptedView = z.object({ task_id: text, state, status_url: text });

/** Answer to a request to cancel: what the task ends as, whether or not it has ended by now. */
export const cancelView = z.object({
  task_id: text,
  status: z.literal('CANCELLED'),
  message: text,
});

/** A task without its arguments, result and history, as listings show it. */
export const taskSummaryView = z.object({
  task_id: text,
  task: text,
  queue: text,
  state,
  /** The words of the last progress. */
  status: nullableText,
  progress: nullableNumber,
  error: z
    .object({
      type: text,
      message: text,
      attempt: whole,
      /** For operators only. */
      stack: z.string().nullable().optional(),
    })
    .nullable(),
  attempts: whole,
  max_attempts: whole,
  epoch: whole,
  priority: z.enum(['normal', 'high']),
  tags: z.array(text),
  tenant: text,
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
  cancel_requested: flag,
  parent_id: z.null(),
  workflow_id: z.null(),
});

/** A whole task. */
export const taskView = taskSummaryView.extend({
  input: z.unknown(),
  result: z.unknown(),
  /** Whether there was a result that can no longer be read. */
  result_expired: flag,
  timeline: z.array(z.object({ state, at: time, attempt: whole, epoch: whole, detail: nullableText })),
});

/** What a caller that waits for a task needs to know, in six fields. */
export const taskStatusView = z.object({
  task_id: text,
  state: z.enum(['PENDING', 'PROGRESS', 'SUCCESS', 'FAILURE', 'CANCELLED']),
  status: nullableText,
  progress: nullableNumber,
  result: z.unknown(),
  error: nullableText,
});

/** A page of tasks, newest first. */
export const taskPageView = z.object({
  items: z.array(taskSummaryView),
  next_cursor: nullableText,
});
