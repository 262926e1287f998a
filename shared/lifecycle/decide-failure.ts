import type { TaskSpec } from '../tasks/define-task.ts';
import { PermanentError, RetryAfter } from '../tasks/task-errors.ts';
import { backoffDelay } from './backoff.ts';
import { describeError } from './describe-error.ts';
import { isInstance } from './is-instance.ts';
import type { RunningRecord, TaskError } from './task-record.ts';

/** What becomes of a failed attempt. */
export type FailureDecision =
  | { readonly kind: 'retry'; readonly error: TaskError; readonly delayMs: number }
  | { readonly kind: 'fail'; readonly error: TaskError; readonly deadLetter: 'none' | 'owed' };

/**
 * Decides on anything thrown: permanent errors, and those that the policy rules out by name, end the task; a passed hard limit
 * ends it with a dead letter; anything else is tried again until `retry.max` is used up. Errors are also known by a
 * permanent ancestor (`LocationNotFound extends PermanentError`).
 */
export function decideFailure(
  record: RunningRecord,
  retry: TaskSpec['retry'],
  thrown: unknown,
  random: number,
): FailureDecision {
  const error = describeError(thrown, record.attempts);
  if (error.type === 'TimeLimitExceeded') return { kind: 'fail', error, deadLetter: 'owed' };
  if (isInstance(thrown, PermanentError) || isRuledOut(retry, thrown, error.type)) {
    return { kind: 'fail', error, deadLetter: 'none' };
  }
  if (record.attempts >= record.maxAttempts) return { kind: 'fail', error, deadLetter: 'owed' };
  const delayMs = isInstance(thrown, RetryAfter)
    ? wishedDelay(thrown)
    : backoffDelay(retry.delay, record.attempts, random);
  return { kind: 'retry', error, delayMs };
}

/** Faults of what surrounds the task, not of its work. */
const pipelineFaults: readonly string[] = [
  'InvocationEnding',
  'PayloadMissing',
  'PipelineFault',
  'StepOrderChanged',
  'UnknownTask',
];

/** A wish for another attempt is the task's own word, and what surrounds the task is none of its errors. */
function isRuledOut({ never = [], only }: TaskSpec['retry'], thrown: unknown, type: string): boolean {
  if (isInstance(thrown, RetryAfter) || pipelineFaults.includes(type)) return false;
  return never.includes(type) || (only !== undefined && !only.includes(type));
}

const longestWish = 24 * 60 * 60 * 1000;

/** Bounded, because the number often comes from outside: an upstream must not park a task for years. */
function wishedDelay(wish: RetryAfter): number {
  const ms = Math.ceil(wish.seconds * 1000);
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), longestWish) : longestWish;
}
