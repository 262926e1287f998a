import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { Problem, validationProblem } from '#functions/runtime/problem.ts';
import type { Caller } from '#functions/runtime/tokens/authenticate.ts';
import { allows } from '#functions/runtime/tokens/scopes.ts';
import type { TaskRecord } from '#shared/lifecycle/task-record.ts';
import { readTask, type TaskReading } from '#shared/pipeline/read-task.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';
import { InvalidCursor, type Page, type TaskListing } from '#shared/ports/task-store.ts';
import { listTasksRoute, readTaskRoute, readTaskStatusRoute } from './routes.ts';
import { retryAfter, viewStatus, viewSummary, viewTask } from './task-view.ts';

/** See {@link readTaskRoute}. */
export function answerTask(ports: PipelinePorts): RouteHandler {
  return implementRoute(readTaskRoute, async ({ params, caller }) => {
    const reading = await find(ports, caller, params.task_id);
    return { headers: waitHeaders(ports, reading.record), body: viewTask(reading, viewer(caller)) };
  });
}

/** See {@link readTaskStatusRoute}. */
export function answerTaskStatus(ports: PipelinePorts): RouteHandler {
  return implementRoute(readTaskStatusRoute, async ({ params, caller }) => {
    const reading = await find(ports, caller, params.task_id);
    return { headers: waitHeaders(ports, reading.record), body: viewStatus(reading) };
  });
}

/** See {@link listTasksRoute}. */
export function answerTaskList(ports: PipelinePorts): RouteHandler {
  return implementRoute(listTasksRoute, async ({ query, caller }) => {
    const page = await list(ports, { ...query, tenant: caller.tenant, now: ports.clock.now() });
    const items = page.items.map((record) => viewSummary(record, viewer(caller)));
    return { body: { items, next_cursor: page.nextCursor } };
  });
}

async function find(ports: PipelinePorts, caller: Caller, taskId: string): Promise<TaskReading> {
  const reading = await readTask(ports, { tenant: caller.tenant, taskId });
  if (reading === null) throw new Problem('not-found', `there is no task ${taskId}`);
  return reading;
}

async function list(ports: PipelinePorts, listing: TaskListing): Promise<Page<TaskRecord>> {
  try {
    return await ports.store.list(listing);
  } catch (error) {
    if (error instanceof InvalidCursor) {
      throw validationProblem([{ path: 'cursor', message: 'take it from next_cursor of the page before' }]);
    }
    throw error;
  }
}

function viewer(caller: Caller) {
  return { operator: allows(caller.scopes, 'operate') };
}

function waitHeaders(ports: PipelinePorts, record: TaskRecord): Record<string, string> {
  const seconds = retryAfter(record, ports.clock.now());
  return seconds === null ? {} : { 'retry-after': String(seconds) };
}
