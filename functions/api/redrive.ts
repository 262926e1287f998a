import type * as z from 'zod';
import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { listPage } from '#functions/runtime/paging.ts';
import { type RedriveOutcome, redrive } from '#shared/pipeline/redrive.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';
import { type redriveOutcome, redriveRoute } from './dead-letter-routes.ts';

/** Kept free at the end of a request, in milliseconds: a page that is begun takes a few seconds when the store is slow. */
const answerMargin = 10_000;

type Outcome = z.output<typeof redriveOutcome>;

/** See {@link redriveRoute}. */
export function answerRedrive(ports: PipelinePorts): RouteHandler {
  return implementRoute(redriveRoute, async ({ body, caller, log, remainingMs }) => {
    const { dryRun, select } = body;
    const report = await listPage(() =>
      redrive(ports, {
        ...body,
        ...{ tenant: caller.tenant, by: caller.name },
        deadline: ports.clock.now() + remainingMs() - answerMargin,
        onFault(taskId, error) {
          log.error('task could not be redriven', { task_id: taskId, error });
        },
      }),
    );
    const items = report.items.map(({ taskId, outcome }) => ({ task_id: taskId, outcome: words[outcome] }));
    const redriven = items.filter(({ outcome }) => outcome === 'redriven').map(({ task_id }) => task_id);
    const matched = items.filter(({ outcome }) => !notMeant.includes(outcome)).length;
    log.info(dryRun ? 'redrive tried without effect' : 'tasks redriven', {
      ...('filter' in select && { filter: select.filter }),
      ...{ matched, redriven: redriven.length, task_ids: redriven },
    });
    return { body: { matched, redriven: redriven.length, items, next_cursor: report.nextCursor } };
  });
}

/** Tasks that were named although they had not failed. */
const notMeant: readonly Outcome[] = ['unknown', 'succeeded', 'cancelled', 'unfinished'];

const words: Readonly<Record<RedriveOutcome, Outcome>> = {
  redriven: 'redriven',
  matched: 'matched',
  unknown: 'unknown',
  error: 'error',
  succeeded: 'succeeded',
  unfinished: 'unfinished',
  ended: 'cancelled',
  'lock-held': 'lock_held',
  'stale-epoch': 'changed',
  'no-change': 'changed',
  'not-due': 'changed',
  'claim-lost': 'changed',
  held: 'changed',
  alone: 'changed',
};
