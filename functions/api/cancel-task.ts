import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { Problem } from '#functions/runtime/problem.ts';
import { cancelTask } from '#shared/pipeline/cancel-task.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';
import { cancelTaskRoute } from './routes.ts';
import { noSuchTask, queryOf } from './task-query.ts';

/** See {@link cancelTaskRoute}. */
export function answerCancel(ports: PipelinePorts): RouteHandler {
  return implementRoute(cancelTaskRoute, async ({ params, caller, log }) => {
    const outcome = await cancelTask(ports, { ...queryOf(caller, params), by: caller.name });
    if (outcome.kind === 'unknown') throw noSuchTask(params);
    const { taskId, task, state } = outcome.record;
    if (outcome.kind === 'ended') {
      throw new Problem('conflict', `task ${taskId} has ended ${state}: there is nothing left to cancel`);
    }
    log.info('task cancel requested', { task_id: taskId, task, state });
    return {
      body: { task_id: taskId, status: 'CANCELLED', message: 'Task cancellation requested' },
    };
  });
}
