import * as z from 'zod';
import { fixed } from '#shared/lifecycle/backoff.ts';
import { defineSchedule } from '#shared/schedules/schedule.ts';
import { defineTask } from '#shared/tasks/define-task.ts';

/** Proves that a task travels from the API through the queue and a worker and back: it answers what it was told. */
export const testCelery = defineTask({
  name: 'test_celery',
  description: 'Answers the given message: a self-test of the whole pipeline.',
  input: z.strictObject({ message: z.string().max(1000) }),
  output: z.object({ status: z.literal('success'), message: z.string(), task_id: z.string() }),
  retry: { max: 3, delay: fixed(10) },
  timeLimit: { soft: 20, hard: 30 },
});

/** Proves that a worker runs; the time it answers is the worker's. */
export const healthCheck = defineTask({
  name: 'health_check',
  description: "Answers that the worker is alive, with the worker's time.",
  input: z.strictObject({}),
  output: z.object({ status: z.literal('healthy'), timestamp: z.iso.datetime(), message: z.string() }),
  retry: { max: 0, delay: fixed(10) },
  timeLimit: { soft: 20, hard: 30 },
});

/** Removes the large arguments and results that nobody can read any more; never those of a task that may still need them. */
export const cleanupOldResults = defineTask({
  name: 'cleanup_old_results',
  description: 'Removes stored results that have expired, and what is left of tasks whose record is gone.',
  input: z.strictObject({}),
  output: z.object({
    status: z.literal('success'),
    scanned: z.int(),
    deleted: z.int(),
    kept: z.int(),
    /** False when the time was up; the next run begins with the oldest again. */
    complete: z.boolean(),
  }),
  retry: { max: 3, delay: fixed(60) },
  timeLimit: { soft: 240, hard: 300 },
});

/** Each night, when little else runs. */
export const nightlyCleanup = defineSchedule({
  name: 'cleanup_old_results',
  task: cleanupOldResults,
  input: {},
  cron: '0 2 * * *',
  timeZone: 'UTC',
  description: 'Removes expired results each night.',
});
