import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { retryConflicts } from '#shared/aws/retry-conflicts.ts';

/** Counts how often an effect has happened, one counter for each step's key. */
export interface EffectCounter {
  /** One more; answers how many there are now. Not idempotent on purpose: a repeated effect must show. */
  count(taskId: string, key: string): Promise<number>;
  /** How many there are, read consistently. */
  read(taskId: string, key: string): Promise<number>;
}

/** Long enough to look at a task's counters as long as its record is kept, in seconds. */
const keepCounters = 30 * 24 * 3600;

const item = z.object({ effects: z.int().default(0) });

/** Where the counter of a step's key is in the applications' table. */
export function counterKey(taskId: string, key: string) {
  return { pk: `run_steps#${taskId}`, sk: key };
}

/** Counters in the applications' table, an item each. Every call throws what DynamoDB throws. */
export function createEffectCounter(
  client: DynamoDBDocumentClient,
  tableName: string,
  now: () => number,
): EffectCounter {
  return {
    async count(taskId, key) {
      const command = new UpdateCommand({
        TableName: tableName,
        Key: counterKey(taskId, key),
        UpdateExpression: 'ADD effects :one SET #ttl = :ttl',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: { ':one': 1, ':ttl': Math.ceil(now() / 1000) + keepCounters },
        ReturnValues: 'UPDATED_NEW',
      });
      const { Attributes } = await retryConflicts(() => client.send(command));
      return item.parse(Attributes).effects;
    },
    async read(taskId, key) {
      const { Item = {} } = await client.send(
        new GetCommand({ TableName: tableName, Key: counterKey(taskId, key), ConsistentRead: true }),
      );
      return item.parse(Item).effects;
    },
  };
}
