import * as z from 'zod';
import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { faultsOf, validationProblem } from '#functions/runtime/problem.ts';
import { type Accepted, submit } from '#shared/pipeline/submit.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';
import type { Priority, TaskSpec } from '#shared/tasks/define-task.ts';
import { submitTaskRoute } from './routes.ts';

/** See {@link submitTaskRoute}; `specs` are the tasks that can be asked for. */
export function submitTask(ports: PipelinePorts, specs: readonly TaskSpec[]): RouteHandler {
  return implementRoute(submitTaskRoute, async ({ body, caller, log }) => {
    const spec = findSpec(specs, body.task, body.priority);
    const { input = {}, priority, tags } = body;
    const { record, sendError } = await accept(() =>
      submit(ports, { spec, input, tenant: caller.tenant, priority, tags }),
    );
    const { taskId, task, state } = record;
    if (sendError !== null) {
      log.warn('task accepted, its message will be sent later', { task_id: taskId, error: sendError });
    }
    log.info('task accepted', { task_id: taskId, task });
    return {
      headers: { location: `/api/v1/tasks/${taskId}`, 'retry-after': '1' },
      body: { task_id: taskId, state, status_url: `/api/v1/tasks/${taskId}/status` },
    };
  });
}

function findSpec(specs: readonly TaskSpec[], name: string, priority: Priority): TaskSpec {
  const spec = specs.find((known) => known.name === name);
  if (!spec) {
    const known = specs.map((each) => each.name).join(', ');
    throw validationProblem([
      { path: 'task', message: `there is no task of this name; known tasks: ${known}` },
    ]);
  }
  if (priority === 'high' && spec.queue !== 'default') {
    const message = `only tasks of the queue "default" take high priority; ${name} runs in "${spec.queue}"`;
    throw validationProblem([{ path: 'priority', message }]);
  }
  return spec;
}

async function accept(send: () => Promise<Accepted>): Promise<Accepted> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof z.ZodError) throw validationProblem(faultsOf(error, ['input']));
    throw error;
  }
}
