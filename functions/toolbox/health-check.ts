import type { Clock } from '#shared/ports/clock.ts';
import { implement, type TaskImplementation } from '#shared/tasks/implement-task.ts';
import { healthCheck } from './specs.ts';

/** See {@link healthCheck}. */
export function answerHealthCheck(clock: Pick<Clock, 'now'>): TaskImplementation {
  return implement(healthCheck, async () => ({
    status: 'healthy',
    timestamp: new Date(clock.now()).toISOString(),
    message: 'the worker is alive',
  }));
}
