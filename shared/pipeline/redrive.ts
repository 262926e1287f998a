import * as z from 'zod';
import type { RefusalReason } from '../lifecycle/refusal.ts';
import type { RecordIn } from '../lifecycle/task-record.ts';
import { decodeCursor, encodeCursor } from '../ports/cursor.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { attentionShards } from '../ports/task-store.ts';
import { findTask } from './read-task.ts';
import { runAgain } from './retry-task.ts';

/** Which dead letters are meant; what is left out matches all. Times are those of the failure, in ms since the epoch. */
export interface RedriveFilter {
  readonly task?: string | undefined;
  readonly errorType?: string | undefined;
  readonly tag?: string | undefined;
  /** At or after. */
  readonly after?: number | undefined;
  /** Earlier than. */
  readonly before?: number | undefined;
}

/** A redrive: whose tasks, who asks, which tasks, and whether to tell only what would be done. */
export interface RedriveRequest {
  readonly tenant: string;
  readonly by: string;
  /** Failed tasks by id, or those that have a dead letter and match a filter. */
  readonly select: { readonly taskIds: readonly string[] } | { readonly filter: RedriveFilter };
  readonly dryRun: boolean;
  /** Where an earlier page of a filter ended. */
  readonly cursor?: string | undefined;
  /** Milliseconds since the epoch after which no further page is looked at. */
  readonly deadline: number;
  /** Told of a task that could not be redriven because a port failed. */
  onFault(taskId: string, error: unknown): void;
}

/** What became of one task. */
export type RedriveOutcome = 'redriven' | 'matched' | 'unknown' | 'error' | RefusalReason;

/** What a redrive did; `nextCursor` is null once every failed task was looked at. */
export interface RedriveReport {
  readonly items: readonly { readonly taskId: string; readonly outcome: RedriveOutcome }[];
  readonly nextCursor: string | null;
}

const position = z.strictObject({ shard: z.int().min(0), within: z.string().nullable() });
type Position = z.output<typeof position>;
const pageSize = 50;
/** Failed tasks that one call looks at: each is a read, and one that matches two writes. */
const mostLookedAt = 500;

type Item = RedriveReport['items'][number];

/**
 * Runs failed tasks again, many at once: each opens its next epoch as a retry does, and its dead letter is thereby
 * superseded. Repeating a call is harmless: what was redriven is no longer failed. Throws InvalidCursor and what listing
 * throws.
 */
export async function redrive(ports: PipelinePorts, request: RedriveRequest): Promise<RedriveReport> {
  const { select } = request;
  if ('filter' in select) return redriveMatching(ports, request, select.filter);
  const items = await inTurns(select.taskIds, (taskId) => redriveNamed(ports, request, taskId));
  return { items, nextCursor: null };
}

async function redriveMatching(
  ports: PipelinePorts,
  request: RedriveRequest,
  filter: RedriveFilter,
): Promise<RedriveReport> {
  const items: Item[] = [];
  let at: Position =
    request.cursor === undefined ? { shard: 0, within: null } : decodeCursor(position, request.cursor);
  for (let lookedAt = 0; at.shard < attentionShards.length; ) {
    if (lookedAt >= mostLookedAt || ports.clock.now() >= request.deadline) {
      return { items, nextCursor: encodeCursor(at) };
    }
    const page = await ports.store.failed({
      tenant: request.tenant,
      shard: at.shard,
      after: filter.after ?? 0,
      before: filter.before ?? Number.MAX_SAFE_INTEGER,
      limit: pageSize,
      ...(at.within !== null && { cursor: at.within }),
    });
    const done = await inTurns(page.items, ({ taskId }) => redriveListed(ports, request, taskId, filter));
    items.push(...done.filter((item) => item !== null));
    lookedAt += page.items.length;
    const shard = page.nextCursor === null ? at.shard + 1 : at.shard;
    at = { shard, within: page.nextCursor };
  }
  return { items, nextCursor: null };
}

/** Whoever names a task is told what became of it, whatever state it is in. */
async function redriveNamed(ports: PipelinePorts, request: RedriveRequest, taskId: string): Promise<Item> {
  return orError(request, taskId, async () => {
    const record = await findTask(ports, { tenant: request.tenant, taskId });
    if (record === null) return { taskId, outcome: 'unknown' };
    if (record.state === 'FAILURE') return redriveFailed(ports, request, record);
    if (record.state === 'CANCELLED') return { taskId, outcome: 'ended' };
    return { taskId, outcome: record.state === 'SUCCESS' ? 'succeeded' : 'unfinished' };
  });
}

/** Null for a task that is not meant; the index may also name one that is no longer failed. */
async function redriveListed(
  ports: PipelinePorts,
  request: RedriveRequest,
  taskId: string,
  filter: RedriveFilter,
): Promise<Item | null> {
  return orError(request, taskId, async () => {
    const record = await findTask(ports, { tenant: request.tenant, taskId });
    if (record?.state !== 'FAILURE' || !matches(record, filter)) return null;
    return redriveFailed(ports, request, record);
  });
}

async function redriveFailed(
  ports: PipelinePorts,
  request: RedriveRequest,
  record: RecordIn<'FAILURE'>,
): Promise<Item> {
  const { taskId } = record;
  if (request.dryRun) return { taskId, outcome: 'matched' };
  const again = await runAgain(ports, record, 'redrive', { by: request.by });
  return { taskId, outcome: again.kind === 'accepted' ? 'redriven' : again.reason };
}

function matches(record: RecordIn<'FAILURE'>, filter: RedriveFilter): boolean {
  const { task = record.task, errorType = record.error.type, tag, after = 0, before = Infinity } = filter;
  return (
    record.deadLetter !== 'none' &&
    record.task === task &&
    record.error.type === errorType &&
    (tag === undefined || record.tags.includes(tag)) &&
    record.finishedAt >= after &&
    record.finishedAt < before
  );
}

/** One task that a port fails over must not keep the others waiting. */
async function orError<Result>(
  request: RedriveRequest,
  taskId: string,
  work: () => Promise<Result>,
): Promise<Result | Item> {
  try {
    return await work();
  } catch (error) {
    request.onFault(taskId, error);
    return { taskId, outcome: 'error' };
  }
}

const atOnce = 10;

async function inTurns<Value, Result>(
  values: readonly Value[],
  work: (value: Value) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < values.length; at += atOnce) {
    results.push(...(await Promise.all(values.slice(at, at + atOnce).map(work))));
  }
  return results;
}
