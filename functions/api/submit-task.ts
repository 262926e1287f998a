import * as z from 'zod';
import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { faultsOf, validationProblem } from '#functions/runtime/problem.ts';
import type { SubmitTask, Submitted } from '#functions/runtime/submit-task.ts';
import type { Clock } from '#shared/ports/clock.ts';
import type { Priority, TaskSpec } from '#shared/tasks/define-task.ts';
import { submitTaskRoute } from './routes.ts';
import { retryAfter } from './task-view.ts';

/**
 * See {@link submitTaskRoute}; `specs` are the tasks that can be asked for. A task that has ended by now answers 200 and
 * its end state. Any other answers 202 and the state it is in: RETRY, for a task that was run but is to be tried again.
 */
export function submitTask(submit: SubmitTask, specs: readonly TaskSpec[], clock: Clock): RouteHandler {
  return implementRoute(submitTaskRoute, async (request) => {
    const { body, caller } = request;
    const spec = findSpec(specs, body.task, body.priority);
    const { input = {}, priority, tags } = body;
    const { record, finished } = await accept(() =>
      submit({ spec, input, tenant: caller.tenant, priority, tags }, request),
    );
    const { taskId, state } = record;
    const wait = retryAfter(record, clock.now());
    return {
      ...(finished && { status: 200 }),
      headers: {
        location: `/api/v1/tasks/${taskId}`,
        ...(wait !== null && { 'retry-after': String(wait) }),
      },
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

async function accept(send: () => Promise<Submitted>): Promise<Submitted> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof z.ZodError) throw validationProblem(faultsOf(error, ['input']));
    throw error;
  }
}
