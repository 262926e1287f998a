import type { Clock } from '#shared/ports/clock.ts';
import { implement, type TaskImplementation } from '#shared/tasks/implement-task.ts';
import { rateLimitedEcho } from './specs.ts';

/** See {@link rateLimitedEcho}. */
export function answerRateLimitedEcho(clock: Pick<Clock, 'now'>): TaskImplementation {
  return implement(rateLimitedEcho, async ({ message }) => ({
    message,
    started_at: new Date(clock.now()).toISOString(),
  }));
}
