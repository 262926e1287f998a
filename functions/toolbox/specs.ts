import * as z from 'zod';
import { fixed } from '#shared/lifecycle/backoff.ts';
import { flag, isoTime, text, whole } from '#shared/plain-schemas.ts';
import { defineSchedule } from '#shared/schedules/schedule.ts';
import { defineTask } from '#shared/tasks/define-task.ts';

/** Proves that a task travels from the API through the queue and a worker and back: it answers what it was told. */
export const testCelery = defineTask({
  name: 'test_celery',
  description: 'Answers the given message: a self-test of the whole pipeline.',
  input: z.strictObject({ message: z.string().max(1000) }),
  output: z.object({ status: z.literal('success'), message: text, task_id: text }),
  retry: { max: 3, delay: fixed(10) },
  timeLimit: { soft: 20, hard: 30 },
});

/** Proves that a worker runs; the time it answers is the worker's. */
export const healthCheck = defineTask({
  name: 'health_check',
  description: "Answers that the worker is alive, with the worker's time.",
  input: z.strictObject({}),
  output: z.object({ status: z.literal('healthy'), timestamp: isoTime, message: text }),
  retry: { max: 0, delay: fixed(10) },
  timeLimit: { soft: 20, hard: 30 },
});

/** Keeps a processor busy: proves that CPU work harms no other task and can be cancelled. */
export const countPrimes = defineTask({
  name: 'count_primes',
  description: 'Counts the primes up to a limit, in a thread: a self-test of CPU work.',
  input: z.strictObject({
    limit: z.int().min(1).max(50_000_000),
    /** How often the count is repeated, to take longer. */
    rounds: z.int().min(1).max(1000).default(1),
  }),
  output: z.object({ limit: whole, primes: whole }),
  retry: { max: 0, delay: fixed(10) },
  timeLimit: { soft: 240, hard: 300 },
});

/**
 * Proves that a recorded step's effect is not repeated, whatever befalls the workers: each effect counts itself. Steps
 * that take longer than an invocation can are run by several, one after the other.
 */
export const runSteps = defineTask({
  name: 'run_steps',
  description:
    'Runs steps whose effects count themselves: a self-test of retries, lost workers and work that outlasts an invocation.',
  input: z.strictObject({
    steps: z.int().min(1).max(500),
    /** The pause in each step, after its effect and before it is recorded. */
    seconds: z.number().min(0).max(60).default(0),
    /** So many attempts fail after half of the steps. */
    fail_first: z.int().min(0).max(10).default(0),
  }),
  output: z.object({
    steps: whole,
    /** More than `steps` where an effect had happened and its worker died before it was recorded. */
    effects: whole,
    /** Steps whose effect happened again after it had been recorded: never above 0. */
    repeated: whole,
  }),
  retry: { max: 3, delay: fixed(10) },
  timeLimit: { soft: 240, hard: 300, total: 4200 },
});

/** Proves that a rate limit holds over all workers, and that a task which must wait for it spends no attempt. */
export const rateLimitedEcho = defineTask({
  name: 'rate_limited_echo',
  description: 'Answers the given message, ten times a minute at most: a self-test of rate limits.',
  input: z.strictObject({ message: z.string().max(1000) }),
  output: z.object({ message: text, started_at: isoTime }),
  retry: { max: 0, delay: fixed(10) },
  timeLimit: { soft: 20, hard: 30 },
  rateLimit: '10/m',
});

/** Removes the large arguments and results that nobody can read any more; never those of a task that may still need them. */
export const cleanupOldResults = defineTask({
  name: 'cleanup_old_results',
  description: 'Removes stored results that have expired, and what is left of tasks whose record is gone.',
  input: z.strictObject({}),
  output: z.object({
    status: z.literal('success'),
    scanned: whole,
    deleted: whole,
    kept: whole,
    /** False when the time was up; the next run begins with the oldest again. */
    complete: flag,
  }),
  retry: { max: 3, delay: fixed(60) },
  // Two would list and remove the same payloads.
  unique: () => 'sweep',
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
