import * as z from 'zod';
import { exponential, fixed } from '../lifecycle/backoff.ts';
import { defineTask, type TaskSpec } from '../tasks/define-task.ts';

/** The number of the ask, by which a record is traced back to it. */
const asked = { n: z.int() };
const output = z.object({ by: z.string(), filling: z.string().optional() });
const retry = { max: 3, delay: exponential(5, 60) };
const timeLimit = { soft: 20, hard: 30 };

/** Returns at once. */
export const okTask = defineTask({
  name: 'sim_ok',
  description: 'Returns at once.',
  input: z.strictObject(asked),
  ...{ output, retry, timeLimit },
});

/** Tells its progress while it works. */
export const progressTask = defineTask({
  name: 'sim_progress',
  description: 'Tells its progress while it works.',
  input: z.strictObject(asked),
  ...{ output, retry, timeLimit: { soft: 120, hard: 150 } },
});

/** Takes steps with outside effects; the first `failures` attempts fail after step `failAfter`. */
export const stepsTask = defineTask({
  name: 'sim_steps',
  description: 'Takes steps with outside effects.',
  input: z.strictObject({
    ...asked,
    sideBySide: z.boolean(),
    atMostOnce: z.boolean(),
    failAfter: z.int().nullable(),
    failures: z.int(),
    stallMs: z.int(),
    large: z.boolean(),
  }),
  ...{ output, retry, timeLimit: { soft: 200, hard: 250 } },
});

/** Fails in its first `times` attempts. */
export const failsTask = defineTask({
  name: 'sim_fails',
  description: 'Fails a number of times.',
  input: z.strictObject({ ...asked, times: z.int() }),
  ...{ output, retry: { max: 2, delay: fixed(10) }, timeLimit },
});

/** Fails for good. */
export const permanentTask = defineTask({
  name: 'sim_permanent',
  description: 'Fails for good.',
  input: z.strictObject(asked),
  ...{ output, retry, timeLimit },
});

/** Asks for another attempt after `seconds`, once. */
export const retryAfterTask = defineTask({
  name: 'sim_retry_after',
  description: 'Asks for another attempt later.',
  input: z.strictObject({ ...asked, seconds: z.int() }),
  ...{ output, retry, timeLimit },
});

/** Waits until it is asked to stop; `deaf` does not hear it. */
export const hangsTask = defineTask({
  name: 'sim_hangs',
  description: 'Waits until it is asked to stop.',
  input: z.strictObject({ ...asked, deaf: z.boolean() }),
  ...{ output, retry: { max: 1, delay: fixed(5) }, timeLimit },
});

/** Kills the process that runs it. */
export const poisonTask = defineTask({
  name: 'sim_poison',
  description: 'Kills its process.',
  input: z.strictObject(asked),
  ...{ output, retry, timeLimit },
});

/** Takes and returns more than fits into a record. */
export const largeTask = defineTask({
  name: 'sim_large',
  description: 'Takes and returns much.',
  input: z.strictObject({ ...asked, filling: z.string() }),
  ...{ output, retry, timeLimit },
});

/** Of which there may be one unfinished for each thing. */
export const uniqueTask = defineTask({
  name: 'sim_unique',
  description: 'One at a time for each thing.',
  input: z.strictObject({ ...asked, thing: z.string() }),
  unique: ({ thing }) => thing,
  ...{ output, retry, timeLimit },
});

/** Takes one step after the other, longer than an invocation may take, and kills its process after step `diesAfter`. */
export const longTask = defineTask({
  name: 'sim_long',
  description: 'Goes on in fresh invocations.',
  input: z.strictObject({ ...asked, steps: z.int(), diesAfter: z.int().nullable() }),
  ...{ output, retry, timeLimit: { soft: 40, hard: 60, total: 900 } },
});

/** Of which only so many may start in a minute; the first attempt may fail. */
export const rateTask = defineTask({
  name: 'sim_rate',
  description: 'So many a minute.',
  input: z.strictObject({ ...asked, fails: z.boolean() }),
  rateLimit: '3/m',
  ...{ output, retry, timeLimit },
});

/** Of which only two may run at once for each host. */
export const hostTask = defineTask({
  name: 'sim_host',
  description: 'Two at a time for each host.',
  input: z.strictObject({ ...asked, host: z.string(), fails: z.boolean() }),
  concurrency: { most: 2, key: ({ host }) => host },
  ...{ output, retry, timeLimit },
});

/** Of which only one may run at once, and only so many start in a minute. */
export const guardedTask = defineTask({
  name: 'sim_guarded',
  description: 'One at a time, so many a minute.',
  input: z.strictObject(asked),
  rateLimit: '20/m',
  concurrency: { most: 1, key: () => 'all' },
  ...{ output, retry, timeLimit },
});

/** Every task of the simulator. */
export const simulatedTasks: readonly TaskSpec[] = [
  ...[okTask, progressTask, stepsTask, failsTask, permanentTask, retryAfterTask],
  ...[hangsTask, poisonTask, largeTask, uniqueTask],
  ...[longTask, rateTask, hostTask, guardedTask],
];

/** Longer than a record holds. */
export const filling = 'x'.repeat(5000);
