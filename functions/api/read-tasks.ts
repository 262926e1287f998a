import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { listPage } from '#functions/runtime/paging.ts';
import type { Caller } from '#functions/runtime/tokens/authenticate.ts';
import { allows } from '#functions/runtime/tokens/scopes.ts';
import type { TaskRecord } from '#shared/lifecycle/task-record.ts';
import { readOutcome, readTask } from '#shared/pipeline/read-task.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';
import { listTasksRoute, readTaskRoute, readTaskStatusRoute } from './routes.ts';
import { noSuchTask, queryOf, type TaskParams } from './task-query.ts';
import { retryAfter, viewStatus, viewSummary, viewTask } from './task-view.ts';

/** See {@link readTaskRoute}. */
export function answerTask(ports: PipelinePorts): RouteHandler {
  return implementRoute(readTaskRoute, async ({ params, caller }) => {
    const reading = found(await readTask(ports, queryOf(caller, params)), params);
    return { headers: waitHeaders(ports, reading.record), body: viewTask(reading, viewer(caller)) };
  });
}

/** See {@link readTaskStatusRoute}. */
export function answerTaskStatus(ports: PipelinePorts): RouteHandler {
  return implementRoute(readTaskStatusRoute, async ({ params, caller }) => {
    const outcome = found(await readOutcome(ports, queryOf(caller, params)), params);
    return { headers: waitHeaders(ports, outcome.record), body: viewStatus(outcome) };
  });
}

/** See {@link listTasksRoute}. */
export function answerTaskList(ports: PipelinePorts): RouteHandler {
  return implementRoute(listTasksRoute, async ({ query, caller }) => {
    const { created_after: createdAfter, created_before: createdBefore, ...same } = query;
    const { tenant } = caller;
    const listing = { ...same, tenant, createdAfter, createdBefore, now: ports.clock.now() };
    const page = await listPage(() => ports.store.list(listing));
    const items = page.items.map((record) => viewSummary(record, viewer(caller)));
    return { body: { items, next_cursor: page.nextCursor } };
  });
}

function found<Reading>(reading: Reading | null, params: TaskParams): Reading {
  if (reading === null) throw noSuchTask(params);
  return reading;
}

function viewer(caller: Caller) {
  return { operator: allows(caller.scopes, 'operate') };
}

function waitHeaders(ports: PipelinePorts, record: TaskRecord): Record<string, string> {
  const seconds = retryAfter(record, ports.clock.now());
  return seconds === null ? {} : { 'retry-after': String(seconds) };
}
