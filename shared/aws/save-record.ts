import { isDeepStrictEqual } from 'node:util';
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import type { SaveResult } from '../ports/task-store.ts';
import type { PipelineTable } from './pipeline-table.ts';
import { type RecordItem, toItem } from './record-item.ts';
import { recordKey } from './record-keys.ts';
import { sendConditionally } from './refused-write.ts';
import { retryConflicts } from './retry-conflicts.ts';

/** Puts a new record; refused when the id is taken. */
export async function createRecord(table: PipelineTable, record: TaskRecord): Promise<SaveResult> {
  const command = new PutCommand(newRecordPut(table, record));
  const send = () => retryConflicts(() => table.client.send(command), table.means);
  return sendConditionally(send, record.writer);
}

/** The put of a new record, alone or as part of a transaction. */
export function newRecordPut(table: PipelineTable, record: TaskRecord) {
  return {
    TableName: table.tableName,
    Item: toItem(record),
    ConditionExpression: 'attribute_not_exists(pk)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } as const;
}

/**
 * Replaces a record by its successor. Only attributes that differ are written: what the reconciler moved meanwhile
 * stays, and an index whose key did not change costs no write unit.
 */
export async function saveRecord(
  table: PipelineTable,
  next: TaskRecord,
  previous: TaskRecord,
): Promise<SaveResult> {
  const changes = changesBetween(toItem(previous), toItem(next));
  const command = new UpdateCommand({
    TableName: table.tableName,
    Key: recordKey(next.taskId),
    UpdateExpression: changes.expression,
    ConditionExpression: '#version = :storedVersion',
    ExpressionAttributeNames: { ...changes.names, '#version': 'version' },
    ExpressionAttributeValues: { ...changes.values, ':storedVersion': previous.version },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  // A step, perhaps of another attempt, may be checking the record in a transaction of its own.
  const send = () => retryConflicts(() => table.client.send(command), table.means);
  return sendConditionally(send, next.writer);
}

function changesBetween(before: RecordItem, after: RecordItem) {
  const set = Object.keys(after).filter((name) => !isDeepStrictEqual(after[name], before[name]));
  const remove = Object.keys(before).filter((name) => !(name in after));
  const sets = set.length > 0 ? `SET ${set.map((name) => `#${name} = :${name}`).join(', ')}` : '';
  const removes = remove.length > 0 ? `REMOVE ${remove.map((name) => `#${name}`).join(', ')}` : '';
  return {
    expression: `${sets} ${removes}`.trim(),
    names: Object.fromEntries([...set, ...remove].map((name) => [`#${name}`, name])),
    values: Object.fromEntries(set.map((name) => [`:${name}`, after[name]])),
  };
}
