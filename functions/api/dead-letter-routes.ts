import * as z from 'zod';
import { defineRoute, type Route } from '#functions/runtime/define-route.ts';
import { pageQuery } from '#functions/runtime/paging.ts';
import type { RedriveRequest } from '#shared/pipeline/redrive.ts';
import { nullableText, text, whole } from '#shared/plain-schemas.ts';

const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const filterFields = 'task, error_type, tag, after, before';
const filter = z
  .strictObject({
    task: z.string().min(1).max(64).optional(),
    error_type: z.string().min(1).max(200).optional(),
    tag: z.string().min(1).max(64).optional(),
    /** Failed at this time or later. */
    after: time.optional(),
    /** Failed earlier than this. */
    before: time.optional(),
  })
  .refine((given) => Object.keys(given).length > 0, {
    error: `is empty, which would run every failed task again: give at least one of ${filterFields}`,
  })
  .refine(({ after, before }) => after === undefined || before === undefined || after < before, {
    path: ['before'],
    error: 'must be later than after',
  });

const redriveBody = z
  .strictObject({
    task_ids: z.array(z.string().min(1).max(128)).min(1).max(100).optional(),
    filter: filter.optional(),
    /** Whether only to tell what would be done. */
    dry_run: z.boolean().default(false),
    cursor: pageQuery.cursor,
  })
  .transform(({ task_ids, filter, dry_run, cursor }, context) => {
    const common = { dryRun: dry_run, cursor };
    if (task_ids && filter) {
      context.addIssue('give either task_ids or filter, not both');
      return z.NEVER;
    }
    if (filter) {
      const { error_type: errorType, ...same } = filter;
      return { ...common, select: { filter: { ...same, errorType } } } satisfies Selected;
    }
    if (!task_ids) {
      context.addIssue('give the tasks to run again, as task_ids or as filter');
      return z.NEVER;
    }
    if (cursor !== undefined) {
      context.addIssue({ code: 'custom', path: ['cursor'], message: 'goes with a filter only' });
    }
    return { ...common, select: { taskIds: [...new Set(task_ids)] } } satisfies Selected;
  });

type Selected = Pick<RedriveRequest, 'select' | 'dryRun' | 'cursor'>;

/** What became of one task, in the words of the answer. */
export const redriveOutcome = z.enum([
  'redriven',
  /** A dry run would redrive it. */
  'matched',
  'unknown',
  'succeeded',
  'cancelled',
  'unfinished',
  /** Another unfinished task does the same, of which there may be only one. */
  'lock_held',
  /** Somebody else changed it at the same moment. */
  'changed',
  /** A fault of ours, which is logged; calling again is harmless. */
  'error',
]);

/** Runs failed tasks again. */
export const redriveRoute = defineRoute({
  method: 'POST',
  path: '/api/v1/dead-letters/redrive',
  scope: 'operate',
  summary:
    'Runs failed tasks again: those named, or a page of those that have a dead letter and match a filter; dry_run only tells which.',
  body: redriveBody,
  output: z.object({
    /** Tasks that had failed and were meant. */
    matched: whole,
    redriven: whole,
    items: z.array(z.object({ task_id: text, outcome: redriveOutcome })),
    /** To be sent as `cursor` with the same filter; null once every failed task was looked at. */
    next_cursor: nullableText,
  }),
});

/** The routes about dead letters. */
export const deadLetterRoutes: readonly Route[] = [redriveRoute];
