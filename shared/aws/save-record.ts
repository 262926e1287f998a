import { isDeepStrictEqual } from 'node:util';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import type { LockTaking, SaveOptions, SaveResult } from '../ports/task-store.ts';
import type { PipelineTable } from './pipeline-table.ts';
import { readRecord } from './read-record.ts';
import { type RecordItem, toItem } from './record-item.ts';
import { recordKey } from './record-keys.ts';
import {
  cancellationReasons,
  isFailedCondition,
  sendConditionally,
  standingInTheWay,
  storedRecord,
} from './refused-write.ts';
import { retryConflicts } from './retry-conflicts.ts';
import { sendTransaction } from './send-transaction.ts';
import { lockPut, lockTaken } from './unique-locks.ts';

/**
 * Replaces a record by its successor. Only attributes that differ are written: what the reconciler moved meanwhile
 * stays, and an index whose key did not change costs no write unit. Throws LockTaken.
 */
export async function saveRecord(
  table: PipelineTable,
  next: TaskRecord,
  previous: TaskRecord,
  { wakeBy, lock }: SaveOptions,
): Promise<SaveResult> {
  const update = updateOf(table, next, previous, wakeBy);
  if (lock) {
    const actions = [{ Update: update }, { Put: lockPut(table, lock, next) }];
    return saveWithLock(table, { next, previous, lock }, () => sendTransaction(table, actions));
  }
  const command = new UpdateCommand(update);
  // A step, perhaps of another attempt, may be checking the record in a transaction of its own.
  const send = () => retryConflicts(() => table.client.send(command), table.means);
  return sendConditionally(send, next.writer);
}

/** What became of the record comes before what became of its lock: who made this save before holds the lock by now. */
async function saveWithLock(
  table: PipelineTable,
  { next, previous, lock }: { next: TaskRecord; previous: TaskRecord; lock: LockTaking },
  send: () => Promise<void>,
): Promise<SaveResult> {
  try {
    await send();
    return { saved: true };
  } catch (error) {
    const [own, ofLock] = cancellationReasons(error);
    if (own && isFailedCondition(own)) return standingInTheWay(storedRecord(own), next.writer);
    if (!isFailedCondition(ofLock)) throw error;
    // DynamoDB does not promise to name every failed condition.
    const current = await readRecord(table, next.taskId);
    if (current?.version !== previous.version) return standingInTheWay(current, next.writer);
    throw lockTaken(lock, error);
  }
}

function updateOf(table: PipelineTable, next: TaskRecord, previous: TaskRecord, wakeBy: number | null) {
  const changes = changesBetween(toItem(previous), toItem(next));
  const inTime = next.wakeAt === previous.wakeAt && wakeBy !== null;
  return {
    TableName: table.tableName,
    Key: recordKey(next.taskId),
    UpdateExpression: changes.expression,
    ConditionExpression: `#version = :storedVersion${inTime ? ' AND (attribute_not_exists(wakeAt) OR wakeAt <= :wakeBy)' : ''}`,
    ExpressionAttributeNames: { ...changes.names, '#version': 'version' },
    ExpressionAttributeValues: {
      ...changes.values,
      ':storedVersion': previous.version,
      ...(inTime && { ':wakeBy': wakeBy }),
    },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } as const;
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
