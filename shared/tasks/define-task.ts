import type * as z from 'zod';
import { type Backoff, exponential } from '../lifecycle/backoff.ts';

/** The queues that exist; each has a worker, a dead-letter queue and alarms in the template. */
export const queueNames = ['default', 'priority'] as const;

/** The name of a queue of the deployed pipeline. */
export type QueueName = (typeof queueNames)[number];

/** `high` tasks of the `default` queue travel through the `priority` queue. */
export type Priority = 'normal' | 'high';

/** What a task is, as pure data: seen by the API, the command line and the template, which never load its work. */
export interface TaskSpec<Input = unknown, Output = unknown> {
  readonly name: string;
  readonly queue: QueueName;
  readonly description: string;
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  /** `max` counts retries after the first attempt, as Celery's `max_retries` does: 3 means 4 attempts. */
  readonly retry: { readonly max: number; readonly delay: Backoff };
  /** Seconds. `soft` aborts `ctx.signal`; `hard` ends the attempt as TimeLimitExceeded. */
  readonly timeLimit: { readonly soft: number; readonly hard: number };
  /** Seconds for which a result can be read after the task ended. */
  readonly resultExpires: number;
}

/** What an author writes: a spec whose usual parts may be left out. */
export interface TaskDefinition<Input, Output> {
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  /** @default 'default' */
  readonly queue?: QueueName;
  /** @default 3 retries, exponential from 10 s to 10 minutes */
  readonly retry?: { readonly max: number; readonly delay: Backoff };
  /** @default soft 240 s, hard 300 s */
  readonly timeLimit?: { readonly soft: number; readonly hard: number };
  /** @default 3600 s */
  readonly resultExpires?: number;
}

const namePattern = /^[a-z][a-z0-9_]{0,63}$/;

/** Declares a task; throws when the definition contradicts itself, so that a bad spec fails at synth and at start. */
export function defineTask<Input, Output>(
  definition: TaskDefinition<Input, Output>,
): TaskSpec<Input, Output> {
  const spec = {
    queue: 'default' as const,
    retry: { max: 3, delay: exponential(10, 600) },
    timeLimit: { soft: 240, hard: 300 },
    resultExpires: 3600,
    ...definition,
  };
  if (!namePattern.test(spec.name)) {
    throw new Error(
      `task name "${spec.name}" must be snake_case, start with a letter and have at most 64 characters`,
    );
  }
  if (spec.timeLimit.soft >= spec.timeLimit.hard) {
    throw new Error(`task ${spec.name}: timeLimit.soft must be below timeLimit.hard`);
  }
  if (!Number.isInteger(spec.retry.max) || spec.retry.max < 0) {
    throw new Error(`task ${spec.name}: retry.max must be a whole number, 0 or more`);
  }
  return spec;
}
