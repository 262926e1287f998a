import type * as z from 'zod';
import { type Backoff, exponential } from '../lifecycle/backoff.ts';
import { parseRate } from './rate-limit.ts';

/** The queues that exist; each has a worker, a dead-letter queue and alarms in the template. */
export const queueNames = ['default', 'priority', 'geo_processing'] as const;

/** The name of a queue of the deployed pipeline. */
export type QueueName = (typeof queueNames)[number];

/** `high` tasks of the `default` queue travel through the `priority` queue. */
export type Priority = 'normal' | 'high';

/** How long an attempt may take, in seconds. */
export interface TimeLimit {
  /** Aborts `ctx.signal`: time to finish in order. */
  readonly soft: number;
  /** Ends the attempt as TimeLimitExceeded. */
  readonly hard: number;
  /**
   * For a task made of steps: it goes on in fresh invocations, of which each may take `soft` and `hard`, until it has
   * taken this long in all. @default one invocation
   */
  readonly total?: number;
}

/** How many attempts may run at once that have a key in common. */
export interface ConcurrencyLimit<Input> {
  readonly most: number;
  key(input: Input): string;
}

/** When a failed attempt is followed by another. */
export interface RetryPolicy {
  /** Retries after the first attempt, as Celery's `max_retries` counts them: 3 means 4 attempts. */
  readonly max: number;
  readonly delay: Backoff;
  /** Names of errors that end the task at once, as a PermanentError does. @default none */
  readonly never?: readonly string[];
  /** Names of the only errors that are worth another attempt. @default every error */
  readonly only?: readonly string[];
}

/** What a task is, as pure data: seen by the API, the command line and the template, which never load its work. */
export interface TaskSpec<Input = unknown, Output = unknown> {
  readonly name: string;
  readonly queue: QueueName;
  readonly description: string;
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  readonly retry: RetryPolicy;
  /**
   * Names what there may be only one unfinished task of, for example the item that it converts: a second submission is
   * then answered with the first task. A method, so that a spec stays assignable to the specs of any input.
   */
  unique?(input: Input): string;
  readonly timeLimit: TimeLimit;
  /** How many attempts may start in which time, over all workers: `10/m`. One that must wait spends no attempt. */
  readonly rateLimit?: string;
  /** How many attempts may run at once that share a key, for example the host that they ask. */
  readonly concurrency?: ConcurrencyLimit<Input>;
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
  readonly retry?: RetryPolicy;
  /** @default any number of unfinished tasks; see TaskSpec */
  unique?(input: NoInfer<Input>): string;
  /** @default soft 240 s, hard 300 s */
  readonly timeLimit?: TimeLimit;
  /** @default none */
  readonly rateLimit?: string;
  /** @default none */
  readonly concurrency?: ConcurrencyLimit<Input>;
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
  if (!(spec.timeLimit.soft < spec.timeLimit.hard)) {
    throw new Error(`task ${spec.name}: timeLimit.soft must be below timeLimit.hard`);
  }
  const { hard, total = Number.POSITIVE_INFINITY } = spec.timeLimit;
  if (!(total > hard)) throw new Error(`task ${spec.name}: timeLimit.total must be above timeLimit.hard`);
  checkRate(spec);
  if (spec.concurrency && !(Number.isInteger(spec.concurrency.most) && spec.concurrency.most > 0)) {
    throw new Error(`task ${spec.name}: concurrency.most must be a whole number, 1 or more`);
  }
  if (!Number.isInteger(spec.retry.max) || spec.retry.max < 0) {
    throw new Error(`task ${spec.name}: retry.max must be a whole number, 0 or more`);
  }
  return spec;
}

function checkRate({ name, rateLimit }: Pick<TaskSpec, 'name' | 'rateLimit'>): void {
  if (rateLimit === undefined) return;
  try {
    parseRate(rateLimit);
  } catch (error) {
    throw new Error(`task ${name}: rateLimit: ${error instanceof Error ? error.message : rateLimit}`, {
      cause: error,
    });
  }
}
