import { type Attention, attentionOf } from '../lifecycle/attention.ts';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import { decodeCursor, encodeCursor } from '../ports/cursor.ts';
import { dueCursor } from '../ports/due-cursor.ts';
import { shardOf } from '../ports/shard-of.ts';
import { attentionShards, type DueTask, type Page } from '../ports/task-store.ts';

/** What a page of the sparse index is asked for: `from` ≤ wakeAt ≤ `to`. */
export interface AttentionQuery {
  readonly kind: Attention;
  readonly shard: number;
  /** @default every tenant's */
  readonly tenant?: string;
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** One page of the sparse index over these records, earliest first. Throws InvalidCursor. */
export function queryMemoryAttention(records: Iterable<TaskRecord>, query: AttentionQuery): Page<DueTask> {
  const start = query.cursor === undefined ? null : decodeCursor(dueCursor, query.cursor);
  const entries: DueTask[] = [];
  for (const record of records) {
    const { taskId, wakeAt } = record;
    if (wakeAt === null || wakeAt < query.from || wakeAt > query.to) continue;
    if (attentionOf(record) !== query.kind) continue;
    if (record.tenant !== (query.tenant ?? record.tenant)) continue;
    if (shardOf(taskId, attentionShards.length) !== query.shard) continue;
    if (start === null || compareEntries({ taskId, wakeAt }, start) > 0) entries.push({ taskId, wakeAt });
  }
  const items = entries.sort(compareEntries).slice(0, query.limit);
  const last = items.at(-1);
  return { items, nextCursor: last && entries.length > query.limit ? encodeCursor({ ...last }) : null };
}

function compareEntries(a: DueTask, b: DueTask): number {
  return a.wakeAt - b.wakeAt || (a.taskId < b.taskId ? -1 : Number(a.taskId > b.taskId));
}
