import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { isEnded, type TaskRecord } from '../lifecycle/task-record.ts';
import { AlongsideRefused, type AlongsideWrite } from '../ports/alongside-write.ts';
import { checkAlongside, nameOfEntity } from '../ports/check-alongside.ts';
import type { CreateOptions, SaveResult } from '../ports/task-store.ts';
import type { PipelineTable } from './pipeline-table.ts';
import { readRecord } from './read-record.ts';
import { toItem } from './record-item.ts';
import {
  cancellationReasons,
  isFailedCondition,
  sendConditionally,
  standingInTheWay,
  storedRecord,
} from './refused-write.ts';
import { retryConflicts } from './retry-conflicts.ts';
import { sendTransaction, type TransactionActions } from './send-transaction.ts';
import { lockPut, lockTaken } from './unique-locks.ts';

/**
 * Puts a new record: by itself, or in one transaction with its lock and the application's writes. Throws what
 * {@link createTogether} throws.
 */
export async function createRecord(
  table: PipelineTable,
  record: TaskRecord,
  options: CreateOptions = {},
): Promise<SaveResult> {
  const { alongside = [], lock = null } = options;
  if (lock !== null || alongside.length > 0) return createTogether(table, record, { alongside, lock });
  const command = new PutCommand(recordPut(table, record));
  const send = () => retryConflicts(() => table.client.send(command), table.means);
  return sendConditionally(send, record.writer);
}

/** The table deletes late: a record that had expired before is put over, and nothing of it stays. */
function recordPut(table: PipelineTable, record: TaskRecord) {
  return {
    TableName: table.tableName,
    Item: toItem(record),
    ConditionExpression: 'attribute_not_exists(pk) OR expiresAt <= :createdAt',
    ExpressionAttributeValues: { ':createdAt': record.createdAt },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } as const;
}

/**
 * Puts all in one transaction. What the store promises of `create` comes first: an id that is taken is told as such,
 * whatever became of the lock and the writes alongside; then the lock, whose holder may be this very task sent twice.
 * Throws LockTaken, AlongsideRefused, TypeError.
 */
async function createTogether(
  table: PipelineTable,
  record: TaskRecord,
  { alongside, lock }: Required<CreateOptions>,
): Promise<SaveResult> {
  checkAlongside(alongside);
  const ofLock = lock === null ? [] : [{ Put: lockPut(table, lock, record) }];
  const actions = [{ Put: recordPut(table, record) }, ...ofLock, ...alongside.map(toAction)];
  try {
    await sendTransaction(table, actions);
    return { saved: true };
  } catch (error) {
    const [own, ...others] = cancellationReasons(error);
    if (own && isFailedCondition(own)) return standingInTheWay(storedRecord(own), record.writer);
    if (!others.some(isFailedCondition)) throw error;
    // An earlier try may have done all, its reply lost; DynamoDB does not promise to name every failed condition.
    const current = await readRecord(table, record.taskId);
    if (current !== null && !hadExpired(current, record)) return standingInTheWay(current, record.writer);
    if (lock !== null && isFailedCondition(others[0])) throw lockTaken(lock, error);
    const refused = alongside[others.slice(ofLock.length).findIndex(isFailedCondition)];
    if (refused === undefined) throw error;
    throw new AlongsideRefused(
      `task ${record.taskId} was not created: ${nameOfEntity(refused.table, refused.key)} is not as the write alongside expected`,
      { cause: error },
    );
  }
}

function hadExpired(current: TaskRecord, { createdAt }: TaskRecord): boolean {
  return isEnded(current) && current.expiresAt <= createdAt;
}

function toAction({ table, item, key, onlyIf }: AlongsideWrite): TransactionActions[number] {
  const condition =
    onlyIf === 'absent'
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : {
          ConditionExpression: '#expected = :expected',
          ExpressionAttributeNames: { '#expected': onlyIf.attribute },
          ExpressionAttributeValues: { ':expected': onlyIf.equals },
        };
  return item === null
    ? { Delete: { TableName: table, Key: key, ...condition } }
    : { Put: { TableName: table, Item: item, ...condition } };
}
