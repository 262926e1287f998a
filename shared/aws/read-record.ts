import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import type { PipelineTable } from './pipeline-table.ts';
import { fromItem } from './record-item.ts';
import { recordKey } from './record-keys.ts';

/** A record, read consistently, or null. Throws DamagedRecord. */
export async function readRecord(
  { client, tableName }: PipelineTable,
  taskId: string,
): Promise<TaskRecord | null> {
  const found = await client.send(
    new GetCommand({ TableName: tableName, Key: recordKey(taskId), ConsistentRead: true }),
  );
  return found.Item === undefined ? null : fromItem(found.Item);
}
