import * as z from 'zod';
import { defineRoute, type Route } from '#functions/runtime/define-route.ts';
import { pageQuery } from '#functions/runtime/paging.ts';
import { timelineEntry } from '#shared/lifecycle/task-record.ts';
import { isoTime, text } from '#shared/plain-schemas.ts';
import { queueNames } from '#shared/tasks/define-task.ts';
import { deadLetterRoutes } from './dead-letter-routes.ts';
import { idempotencyHeader, idempotencyKey } from './idempotency-key.ts';
import { timeFields } from './submission-times.ts';
import { acceptedView, cancelView, taskPageView, taskStatusView, taskView } from './task-shapes.ts';

const tag = z
  .string()
  .min(1)
  .max(64)
  .refine((text) => text.isWellFormed(), 'must not contain half of a surrogate pair');
const time = z.iso
  .datetime({
    offset: true,
    error: 'must be an ISO-8601 time with its offset, for example 2026-11-21T09:30:00Z',
  })
  .transform((text) => Date.parse(text));
const taskParams = z.strictObject({ task_id: z.string().max(128) });

/** Accepts a task. */
export const submitTaskRoute = defineRoute({
  method: 'POST',
  path: '/api/v1/tasks',
  scope: 'submit',
  summary:
    'Accepts a task: once answered, it is stored and will be run, at once or at its time, or (200) has been run already. Requests with the same Idempotency-Key are one task.',
  headers: z.strictObject({ [idempotencyHeader]: idempotencyKey.optional() }),
  body: z.strictObject({
    task: text,
    input: z.unknown().optional(),
    priority: z.enum(['normal', 'high']).default('normal'),
    tags: z.array(tag).max(20).default([]),
    ...timeFields,
  }),
  output: acceptedView,
  status: 202,
});

/** Answers a task in full. */
export const readTaskRoute = defineRoute({
  method: 'GET',
  path: '/api/v1/tasks/{task_id}',
  scope: 'read',
  summary: 'Answers everything about a task: input, result, error, history.',
  params: taskParams,
  output: taskView,
});

/** Answers how far a task is. */
export const readTaskStatusRoute = defineRoute({
  method: 'GET',
  path: '/api/v1/tasks/{task_id}/status',
  scope: 'read',
  summary: 'Answers how far a task is, in six fields.',
  params: taskParams,
  output: taskStatusView,
});

/** Cancels a task. */
export const cancelTaskRoute = defineRoute({
  method: 'POST',
  path: '/api/v1/tasks/{task_id}/cancel',
  scope: 'submit',
  summary:
    'Cancels a task: one that waits at once, one that runs within seconds. 409 when it has ended otherwise.',
  params: taskParams,
  output: cancelView,
});

/** Runs a task again. */
export const retryTaskRoute = defineRoute({
  method: 'POST',
  path: '/api/v1/tasks/{task_id}/retry',
  scope: 'submit',
  summary: 'Runs a task that failed or was cancelled again, with its own input or an edited one.',
  params: taskParams,
  body: z.strictObject({ input: z.unknown().optional() }).default({}),
  output: acceptedView,
  status: 202,
});

/** Lists tasks. */
export const listTasksRoute = defineRoute({
  method: 'GET',
  path: '/api/v1/tasks',
  scope: 'read',
  summary:
    "Lists the tenant's tasks of the last 30 days, or since created_after, newest first; a filtered page may be short.",
  query: z
    .strictObject({
      state: timelineEntry.shape.state.optional(),
      task: z.string().max(64).optional(),
      tag: z.string().max(64).optional(),
      queue: z.enum(queueNames).optional(),
      /** Created at this time or later; reaches up to 400 days back. */
      created_after: time.optional(),
      /** Created earlier than this. */
      created_before: time.optional(),
      ...pageQuery,
    })
    .refine(
      ({ created_after: after, created_before: before }) =>
        after === undefined || before === undefined || after < before,
      { path: ['created_before'], error: 'must be later than created_after' },
    ),
  output: taskPageView,
});

const check = z.enum(['ok', 'error']);
/** Disabled where the API itself waits for the work. */
const celeryCheck = z.enum(['ok', 'disabled', 'error']);

/** Answers whether the API can do its work. */
export const healthRoute = defineRoute({
  method: 'GET',
  path: '/health',
  scope: 'public',
  summary:
    'Answers whether the task table and the payload store answer and queued tasks are run: 200 or 503.',
  output: z.object({
    status: z.enum(['healthy', 'unhealthy']),
    checks: z.object({ database: check, cache: check, celery: celeryCheck }),
    /** Only when unhealthy: each failed check and, in a few words, why. */
    errors: z.array(text).optional(),
    timestamp: isoTime,
  }),
});

/** The routes of the pipeline itself. */
export const apiRoutes: readonly Route[] = [
  healthRoute,
  submitTaskRoute,
  listTasksRoute,
  readTaskRoute,
  readTaskStatusRoute,
  cancelTaskRoute,
  retryTaskRoute,
  ...deadLetterRoutes,
];
