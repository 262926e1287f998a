import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { Problem, validationProblem } from '#functions/runtime/problem.ts';
import type { TaskRecord } from '#shared/lifecycle/task-record.ts';
import { findTask } from '#shared/pipeline/read-task.ts';
import { type RetryOutcome, type RetryRequest, retryTask } from '#shared/pipeline/retry-task.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';
import type { TaskSpec } from '#shared/tasks/define-task.ts';
import { acceptedReply } from './accepted-reply.ts';
import { namingInput } from './naming-input.ts';
import { retryTaskRoute } from './routes.ts';
import { noSuchTask, queryOf } from './task-query.ts';

/** See {@link retryTaskRoute}; `specs` are the tasks whose edited arguments can be checked. */
export function answerRetry(ports: PipelinePorts, specs: readonly TaskSpec[]): RouteHandler {
  return implementRoute(retryTaskRoute, async ({ params, body, caller, log }) => {
    const query = queryOf(caller, params);
    const edited = await checkable(ports, specs, query, body.input);
    const outcome = await namingInput(() =>
      retryTask(ports, { ...query, by: caller.name, ...(edited && { edited }) }),
    );
    if (outcome.kind === 'unknown') throw noSuchTask(params);
    if (outcome.kind === 'refused') throw refused(outcome);
    const { record, sendError } = outcome;
    const { taskId, task, epoch } = record;
    log.info('task retried', { task_id: taskId, task, epoch, edited: edited !== null });
    if (sendError !== null) {
      log.warn('task retried, its message will be sent later', { task_id: taskId, error: sendError });
    }
    return acceptedReply(record, ports.clock.now());
  });
}

/** Edited arguments with the spec that they must fit; null when there are none, or no such task. */
async function checkable(
  ports: PipelinePorts,
  specs: readonly TaskSpec[],
  query: Pick<RetryRequest, 'tenant' | 'taskId'>,
  input: unknown,
): Promise<NonNullable<RetryRequest['edited']> | null> {
  if (input === undefined) return null;
  const record = await findTask(ports, query);
  if (record === null) return null;
  const spec = specs.find(({ name }) => name === record.task);
  if (spec) return { spec, input };
  const message = `there is no task ${record.task} any more, so nothing tells what fits: retry without new input`;
  throw validationProblem([{ path: 'input', message }]);
}

function refused({ record, reason }: Extract<RetryOutcome, { kind: 'refused' }>): Problem {
  return new Problem('conflict', `task ${record.taskId} ${refusalWords(record, reason)}`);
}

function refusalWords({ state }: TaskRecord, reason: string): string {
  switch (reason) {
    case 'succeeded':
      return `is ${state}: what has succeeded stays; submit a new task instead`;
    case 'unfinished':
      return `is ${state}: it still goes on by itself; wait for its end, or cancel it first`;
    case 'lock-held':
      return `is ${state}, but another task does the same now, and there may be only one unfinished: wait for the other's end, or cancel it first`;
    default:
      return 'was changed by somebody else at the same moment: read it, and retry it if it has ended';
  }
}
