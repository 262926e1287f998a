import { setTimeout } from 'node:timers/promises';
import { BatchGetCommand, type BatchGetCommandOutput } from '@aws-sdk/lib-dynamodb';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import type { PipelineTable } from './pipeline-table.ts';
import { fromItem } from './record-item.ts';
import { recordKey } from './record-keys.ts';

/** The most records that one batch may ask for. Source: Amazon DynamoDB, BatchGetItem. */
export const largestBatch = 100;

type Key = Record<string, unknown>;

const mostTries = 5;
const firstPause = 25;

/**
 * Reads up to 100 records by id, eventually consistent, in no order; ids without a record are missing from the answer.
 * Keys that DynamoDB left unprocessed are asked for again after 25, 50, 100 and 200 ms; throws when some remain.
 */
export async function readBatch(
  table: PipelineTable,
  taskIds: readonly string[],
): Promise<Map<string, TaskRecord>> {
  const records = new Map<string, TaskRecord>();
  let keys: Key[] = taskIds.map(recordKey);
  for (let attempt = 0; attempt < mostTries && keys.length > 0; attempt++) {
    if (attempt > 0) await setTimeout(firstPause * 2 ** (attempt - 1));
    const answer: BatchGetCommandOutput = await table.client.send(
      new BatchGetCommand({ RequestItems: { [table.tableName]: { Keys: keys } } }),
    );
    for (const item of answer.Responses?.[table.tableName] ?? []) {
      const record = fromItem(item);
      records.set(record.taskId, record);
    }
    keys = answer.UnprocessedKeys?.[table.tableName]?.Keys ?? [];
  }
  if (keys.length === 0) return records;
  throw new Error(
    `DynamoDB left ${keys.length} records of ${table.tableName} unread in ${mostTries} tries: it throttles the table`,
  );
}
