import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import { decodeCursor, encodeCursor } from '../ports/cursor.ts';
import { dueCursor } from '../ports/due-cursor.ts';
import type { DueTask, Page } from '../ports/task-store.ts';
import type { PipelineTable } from './pipeline-table.ts';
import { attentionPartition, attentionShard, recordKey, taskIdOf } from './record-keys.ts';
import { isRefusal } from './refused-write.ts';
import { retryConflicts } from './retry-conflicts.ts';
import { attentionIndex } from './table-schema.ts';

const indexEntry = z.object({ pk: z.string(), wakeAt: z.int() });

/** What a page of due tasks is asked for. */
export interface DueQuery {
  readonly shard: number;
  readonly now: number;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** One page of the unfinished tasks whose time has come, earliest first; a full last page is followed by an empty one. */
export async function queryDue(table: PipelineTable, query: DueQuery): Promise<Page<DueTask>> {
  const partition = attentionPartition('unfinished', query.shard);
  const start = query.cursor === undefined ? null : decodeCursor(dueCursor, query.cursor);
  const found = await table.client.send(
    new QueryCommand({
      TableName: table.tableName,
      IndexName: attentionIndex.name,
      KeyConditionExpression: 'attentionPk = :partition AND wakeAt <= :now',
      ExpressionAttributeValues: { ':partition': partition, ':now': query.now },
      Limit: query.limit,
      ...(start && {
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

/** Moves `wakeAt` on; false when another reconciler was first or the task left the index. Costs no version. */
export async function moveWake(
  table: PipelineTable,
  task: DueTask,
  to: { wakeAt: number; resent: TaskRecord['resent'] },
): Promise<boolean> {
  const resent = to.resent === null ? ' REMOVE resent' : ', resent = :resent';
  const command = new UpdateCommand({
    TableName: table.tableName,
    Key: recordKey(task.taskId),
    UpdateExpression: `SET wakeAt = :to${resent}`,
    ConditionExpression: 'wakeAt = :read AND attentionPk = :unfinished',
    ExpressionAttributeValues: {
      ':to': to.wakeAt,
      ':read': task.wakeAt,
      ':unfinished': attentionPartition('unfinished', attentionShard(task.taskId)),
      ...(to.resent !== null && { ':resent': to.resent }),
    },
  });
  try {
    // A worker's step may be checking the record in a transaction.
    await retryConflicts(() => table.client.send(command), table.means);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}
