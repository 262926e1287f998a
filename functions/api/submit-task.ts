import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { validationProblem } from '#functions/runtime/problem.ts';
import type { SubmitTask, Submitted } from '#functions/runtime/submit-task.ts';
import type { Clock } from '#shared/ports/clock.ts';
import type { Priority, TaskSpec } from '#shared/tasks/define-task.ts';
import { acceptedReply } from './accepted-reply.ts';
import { idempotencyHeader } from './idempotency-key.ts';
import { keyedTask, keyReused } from './keyed-task.ts';
import { namingInput } from './naming-input.ts';
import { submitTaskRoute } from './routes.ts';

/**
 * See {@link submitTaskRoute}; `specs` are the tasks that can be asked for. A task that has ended by now answers 200 and
 * its end state. Any other answers 202 and the state it is in: RETRY, for a task that was run but is to be tried again.
 */
export function submitTask(submit: SubmitTask, specs: readonly TaskSpec[], clock: Clock): RouteHandler {
  return implementRoute(submitTaskRoute, async (request) => {
    const { body, caller, headers } = request;
    const spec = findSpec(specs, body.task, body.priority);
    const { input = {}, priority, tags } = body;
    const { tenant } = caller;
    const key = headers[idempotencyHeader];
    const keyed = key === undefined ? null : keyedTask(key, tenant, { ...body, input });
    const submission = { spec, input, tenant, priority, tags, ...keyed };
    const { record, finished } = await onceForKey(keyed, () =>
      namingInput(() => submit(submission, request)),
    );
    return { ...(finished && { status: 200 }), ...acceptedReply(record, clock.now()) };
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

async function onceForKey(
  keyed: { readonly taskId: string } | null,
  send: () => Promise<Submitted>,
): Promise<Submitted> {
  try {
    return await send();
  } catch (error) {
    if (keyed && error instanceof Error && error.name === 'KeyReused') throw keyReused(keyed.taskId);
    throw error;
  }
}
