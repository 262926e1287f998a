import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { LimitStore } from '../ports/limit-store.ts';
import type { PipelineTable } from './pipeline-table.ts';
import { limitKey } from './record-keys.ts';
import { isRefusal } from './refused-write.ts';
import { retryConflicts } from './retry-conflicts.ts';

/**
 * Seconds that a limit is kept after its last change. One that is in use changes with every start; once that has stopped,
 * nobody waits in its line any longer than the tasks that could.
 */
const keepLimits = 400 * 24 * 3600;

/** Thrown for an item that is no longer a limit: somebody edited the table, or a newer version wrote it. */
export class DamagedLimit extends Error {
  override name = 'DamagedLimit';
}

const limitItem = z.object({
  value: z.string().transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('is not JSON');
      return z.NEVER;
    }
  }),
  version: z.int().min(1),
  writer: z.string(),
});

/**
 * Limits in the pipeline table, an item each: a read unit to look, a write unit to change. `now` is needed only for when
 * the table may delete a limit. `read` throws DamagedLimit; every call throws what DynamoDB throws.
 */
export function createDynamoDbLimitStore(table: PipelineTable, now: () => number = Date.now): LimitStore {
  const { client, tableName: TableName, means } = table;
  return {
    async read(key) {
      const found = await client.send(
        new GetCommand({ TableName, Key: limitKey(key), ConsistentRead: true }),
      );
      if (found.Item === undefined) return null;
      const parsed = limitItem.safeParse(found.Item);
      if (parsed.success) return { value: parsed.data.value, version: parsed.data.version };
      const faults = z.prettifyError(parsed.error);
      throw new DamagedLimit(`the limit ${key} in the pipeline table is damaged:\n${faults}`, {
        cause: parsed.error,
      });
    },
    async save(key, value, read, writer) {
      const command = new PutCommand({
        TableName,
        Item: {
          ...limitKey(key),
          value: JSON.stringify(value),
          version: (read?.version ?? 0) + 1,
          writer,
          ttl: Math.ceil(now() / 1000) + keepLimits,
        },
        ...(read === null
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: '#version = :read',
              ExpressionAttributeNames: { '#version': 'version' },
              ExpressionAttributeValues: { ':read': read.version },
            }),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      try {
        await retryConflicts(() => client.send(command), means);
        return true;
      } catch (error) {
        if (!isRefusal(error)) throw error;
        return error.Item?.['writer']?.S === writer;
      }
    },
  };
}
