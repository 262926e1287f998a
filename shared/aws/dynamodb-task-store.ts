import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import type { TaskStore } from '../ports/task-store.ts';
import { moveWake, queryDue } from './attention-queries.ts';
import type { PipelineTable } from './pipeline-table.ts';
import { fromItem } from './record-item.ts';
import { recordKey } from './record-keys.ts';
import { createRecord, saveRecord } from './save-record.ts';
import { listRecords } from './timeline-listing.ts';

/** Task records in the pipeline table. A task of up to 1 KB costs six write units from submit to success. */
export function createDynamoDbTaskStore(table: PipelineTable): TaskStore {
  return {
    create: (record) => createRecord(table, record),
    read: (taskId) => readRecord(table, taskId),
    save: (next, previous) => saveRecord(table, next, previous),
    due: (shard, now, limit, cursor) => queryDue(table, { shard, now, limit, cursor }),
    moveWake: (task, to) => moveWake(table, task, to),
    list: (listing) => listRecords(table, listing),
  };
}

async function readRecord({ client, tableName }: PipelineTable, taskId: string): Promise<TaskRecord | null> {
  const found = await client.send(
    new GetCommand({ TableName: tableName, Key: recordKey(taskId), ConsistentRead: true }),
  );
  return found.Item === undefined ? null : fromItem(found.Item);
}
