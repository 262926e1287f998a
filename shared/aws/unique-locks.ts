import { GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import { type LockHolder, LockTaken, type LockTaking } from '../ports/task-store.ts';
import type { PipelineTable } from './pipeline-table.ts';
import { lockKey } from './record-keys.ts';

/**
 * Seconds that a lock is kept after it was taken: nobody releases one, so the table must. Longer than any task goes
 * unfinished, because a lock that is gone lets a second task in: a year that it may be put off, and a month of attempts.
 */
const keepLocks = 400 * 24 * 3600;

/** Thrown for an item that is no longer a lock: somebody edited the table, or a newer version wrote it. */
export class DamagedLock extends Error {
  override name = 'DamagedLock';
}

const lockHolder = z.object({ taskId: z.string(), epoch: z.int().min(1) });

/** What holds a lock, read consistently; null when nobody took it, or the table has deleted it. Throws DamagedLock. */
export async function readLock(
  { client, tableName }: PipelineTable,
  key: string,
): Promise<LockHolder | null> {
  const found = await client.send(
    new GetCommand({ TableName: tableName, Key: lockKey(key), ConsistentRead: true }),
  );
  if (found.Item === undefined) return null;
  const parsed = lockHolder.safeParse(found.Item);
  if (parsed.success) return parsed.data;
  const faults = z.prettifyError(parsed.error);
  throw new DamagedLock(`the lock ${key} in the pipeline table is damaged:\n${faults}`, {
    cause: parsed.error,
  });
}

/** The put that lets a record's epoch hold the lock, as part of a transaction; refused unless the lock is as it was seen. */
export function lockPut(table: PipelineTable, { key, from }: LockTaking, record: TaskRecord) {
  const { taskId, epoch, createdAt, timeline } = record;
  const takenAt = timeline.at(-1)?.at ?? createdAt;
  return {
    TableName: table.tableName,
    Item: { ...lockKey(key), taskId, epoch, ttl: Math.ceil(takenAt / 1000) + keepLocks },
    ...(from === null
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : {
          ConditionExpression: 'taskId = :taskId AND epoch = :epoch',
          ExpressionAttributeValues: { ':taskId': from.taskId, ':epoch': from.epoch },
        }),
  };
}

/** The error of a write whose lock was taken meanwhile. */
export function lockTaken(lock: LockTaking, cause: unknown): LockTaken {
  return new LockTaken(`the lock ${lock.key} was taken meanwhile`, { cause });
}
