import { isDeepStrictEqual } from 'node:util';
import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { attentionOf } from '../lifecycle/attention.ts';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import { decodeCursor, encodeCursor } from '../ports/cursor.ts';
import { dueCursor } from '../ports/due-cursor.ts';
import type { DueTask, Page } from '../ports/task-store.ts';
import type { PipelineTable } from './pipeline-table.ts';
import { attentionShard, recordKey, taskIdOf, unfinishedPartition } from './record-keys.ts';
import { isRefusal, storedRecord } from './refused-write.ts';
import { retryConflicts } from './retry-conflicts.ts';
import { attentionIndex } from './table-schema.ts';

const indexEntry = z.object({ pk: z.string(), wakeAt: z.int() });

/** What a page of the sparse index is asked for: `from` ≤ wakeAt ≤ `to`. */
export interface AttentionQuery {
  readonly partition: string;
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** One page of the sparse index, earliest first; a full last page is followed by an empty one. Throws InvalidCursor. */
export async function queryAttention(table: PipelineTable, query: AttentionQuery): Promise<Page<DueTask>> {
  const { partition, from, to } = query;
  const start = query.cursor === undefined ? null : decodeCursor(dueCursor, query.cursor);
  // DynamoDB refuses an empty range, and a start outside of it.
  if (to < from || (start !== null && start.wakeAt > to)) return { items: [], nextCursor: null };
  const found = await table.client.send(
    new QueryCommand({
      TableName: table.tableName,
      IndexName: attentionIndex.name,
      KeyConditionExpression: 'attentionPk = :partition AND wakeAt BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':partition': partition, ':from': from, ':to': to },
      Limit: query.limit,
      ...(start !== null &&
        start.wakeAt >= from && {
          ExclusiveStartKey: { ...recordKey(start.taskId), attentionPk: partition, wakeAt: start.wakeAt },
        }),
    }),
  );
  const last = found.LastEvaluatedKey;
  return {
    items: (found.Items ?? []).map(dueTask),
    nextCursor: last === undefined ? null : encodeCursor({ ...dueTask(last) }),
  };
}

function dueTask(entry: Record<string, unknown>): DueTask {
  const { pk, wakeAt } = indexEntry.parse(entry);
  return { taskId: taskIdOf(pk), wakeAt };
}

/**
 * Moves `wakeAt` of a record on; false when it was changed since it was read, by a worker, another reconciler or anybody
 * else. Costs no version.
 */
export async function moveWake(
  table: PipelineTable,
  read: TaskRecord,
  to: { wakeAt: number; resent: TaskRecord['resent'] },
): Promise<boolean> {
  const resent = to.resent === null ? ' REMOVE resent' : ', resent = :resent';
  const command = new UpdateCommand({
    TableName: table.tableName,
    Key: recordKey(read.taskId),
    UpdateExpression: `SET wakeAt = :to${resent}`,
    ConditionExpression: '#version = :version AND wakeAt = :read AND attentionPk = :unfinished',
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: {
      ':to': to.wakeAt,
      ':version': read.version,
      ':read': read.wakeAt,
      ':unfinished': unfinishedPartition(attentionShard(read.taskId)),
      ...(to.resent !== null && { ':resent': to.resent }),
    },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  try {
    // A worker's step may be checking the record in a transaction.
    await retryConflicts(() => table.client.send(command), table.means);
    return true;
  } catch (error) {
    if (isRefusal(error)) return wasMoved(storedRecord(error), to.resent);
    throw error;
  }
}

/** Whether an earlier try of the move had succeeded, its reply lost: `resent` is unlike any other's. */
function wasMoved(current: TaskRecord | null, resent: TaskRecord['resent']): boolean {
  if (current === null || attentionOf(current) !== 'unfinished') return false;
  return resent !== null && isDeepStrictEqual(current.resent, resent);
}
