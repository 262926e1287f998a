import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { validationProblem } from '#functions/runtime/problem.ts';
import type { SubmitTask, Submitted } from '#functions/runtime/submit-task.ts';
import { isEnded, type TaskRecord } from '#shared/lifecycle/task-record.ts';
import { findTask } from '#shared/pipeline/read-task.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';
import type { Priority, TaskSpec } from '#shared/tasks/define-task.ts';
import { acceptedReply } from './accepted-reply.ts';
import { idempotencyHeader } from './idempotency-key.ts';
import { keyedTask, keyReused } from './keyed-task.ts';
import { namingInput } from './naming-input.ts';
import { submitTaskRoute } from './routes.ts';
import { readTimes, type SubmissionTimes } from './submission-times.ts';

/**
 * See {@link submitTaskRoute}; `specs` are the tasks that can be asked for. A task that has ended by now answers 200 and
 * its end state. Any other answers 202 and the state it is in: RETRY, for a task that was run but is to be tried again.
 */
export function submitTask(
  submit: SubmitTask,
  specs: readonly TaskSpec[],
  pipeline: Pick<PipelinePorts, 'store' | 'clock'>,
): RouteHandler {
  return implementRoute(submitTaskRoute, async (request) => {
    const { body, caller, headers } = request;
    const { task, input = {}, priority, tags, ...times } = body;
    const spec = findSpec(specs, task, priority);
    const { tenant } = caller;
    const key = headers[idempotencyHeader];
    const asked = { task, input, priority, tags, ...given(times) };
    const keyed = key === undefined ? null : keyedTask(key, tenant, asked);
    const now = pipeline.clock.now();
    const known = () => findSame(pipeline, tenant, keyed);
    const when = await unlessKnown(() => readTimes(times, now), known);
    if ('known' in when) return reply(when.known, isEnded(when.known), now);
    const submission = { spec, input, tenant, priority, tags, ...keyed, ...when };
    const { record, finished } = await onceForKey(keyed, () =>
      namingInput(() => submit(submission, request)),
    );
    return reply(record, finished, pipeline.clock.now());
  });
}

function reply(record: TaskRecord, finished: boolean, now: number) {
  return { ...(finished && { status: 200 }), ...acceptedReply(record, now) };
}

/** What was left out is no part of what a key stands for, nor is a null that says the same. */
function given(times: SubmissionTimes): SubmissionTimes {
  return Object.fromEntries(Object.entries(times).filter(([, value]) => value !== null));
}

/** Times that were right when they were first sent must not keep a repeated request from its answer. */
async function unlessKnown<Times extends object>(
  read: () => Times,
  findKnown: () => Promise<TaskRecord | null>,
): Promise<Times | { readonly known: TaskRecord }> {
  try {
    return read();
  } catch (error) {
    const known = await findKnown();
    if (known === null) throw error;
    return { known };
  }
}

async function findSame(
  pipeline: Pick<PipelinePorts, 'store' | 'clock'>,
  tenant: string,
  keyed: { readonly taskId: string; readonly digest: string } | null,
): Promise<TaskRecord | null> {
  const record = keyed && (await findTask(pipeline, { tenant, taskId: keyed.taskId }));
  return record?.digest === keyed?.digest ? record : null;
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
