import type { TaskRecord } from '../lifecycle/task-record.ts';
import { AlongsideRefused, type AlongsideWrite } from '../ports/alongside-write.ts';
import { checkAlongside, nameOfEntity } from '../ports/check-alongside.ts';
import type { SaveResult } from '../ports/task-store.ts';
import type { PipelineTable } from './pipeline-table.ts';
import { readRecord } from './read-record.ts';
import { cancellationReasons, isFailedCondition, standingInTheWay, storedRecord } from './refused-write.ts';
import { newRecordPut } from './save-record.ts';
import { sendTransaction, type TransactionActions } from './send-transaction.ts';

/**
 * Puts a new record and the application's writes in one transaction. What the store promises of `create` comes first: an
 * id that is taken is told as such, whatever became of the writes alongside. Throws AlongsideRefused, TypeError.
 */
export async function createAlongside(
  table: PipelineTable,
  record: TaskRecord,
  alongside: readonly AlongsideWrite[],
): Promise<SaveResult> {
  checkAlongside(alongside);
  try {
    await sendTransaction(table, [{ Put: newRecordPut(table, record) }, ...alongside.map(toAction)]);
    return { saved: true };
  } catch (error) {
    const [own, ...others] = cancellationReasons(error);
    if (own && isFailedCondition(own)) return standingInTheWay(storedRecord(own), record.writer);
    const refused = alongside[others.findIndex(isFailedCondition)];
    if (refused === undefined) throw error;
    // An earlier try may have done both, its reply lost; DynamoDB does not promise to name every failed condition.
    const current = await readRecord(table, record.taskId);
    if (current !== null) return standingInTheWay(current, record.writer);
    throw new AlongsideRefused(
      `task ${record.taskId} was not created: ${nameOfEntity(refused.table, refused.key)} is not as the write alongside expected`,
      { cause: error },
    );
  }
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
