import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { retryConflicts } from '#shared/aws/retry-conflicts.ts';

/** What is known of a step's effect. */
export const effectCount = z.object({
  /** How often it happened. */
  effects: z.int().default(0),
  /** How often it had happened when its step was first known to be recorded; null before. */
  recorded: z.int().nullable().default(null),
});

/** See {@link effectCount}. */
export type EffectCount = z.output<typeof effectCount>;

/** Counts how often the effects of a task's steps have happened, a counter for each step's key. */
export interface EffectCounter {
  /** One more; answers how many there are now. Not idempotent on purpose: a repeated effect must show. */
  count(taskId: string, key: string): Promise<number>;
  /** Notes that the step is recorded, its effect having happened so often; what was noted before stays. */
  noteRecorded(taskId: string, key: string, count: number): Promise<void>;
  /** Read consistently. */
  read(taskId: string, key: string): Promise<EffectCount>;
}

/** As long as the record of a task that failed is kept, in seconds. */
const keepCounters = 30 * 24 * 3600;

/** The partition of the applications' table that holds a task's counters. */
export function counterPartition(taskId: string): string {
  return `run_steps#${taskId}`;
}

/** Counters in the applications' table, an item each. Every call throws what DynamoDB throws. */
export function createEffectCounter(
  client: DynamoDBDocumentClient,
  tableName: string,
  now: () => number,
): EffectCounter {
  const keyOf = (taskId: string, key: string) => ({ pk: counterPartition(taskId), sk: key });
  return {
    async count(taskId, key) {
      const command = new UpdateCommand({
        TableName: tableName,
        Key: keyOf(taskId, key),
        UpdateExpression: 'ADD effects :one SET #ttl = :ttl',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: { ':one': 1, ':ttl': Math.ceil(now() / 1000) + keepCounters },
        ReturnValues: 'UPDATED_NEW',
      });
      const { Attributes } = await retryConflicts(() => client.send(command));
      return effectCount.parse(Attributes).effects;
    },
    async noteRecorded(taskId, key, count) {
      const command = new UpdateCommand({
        TableName: tableName,
        Key: keyOf(taskId, key),
        UpdateExpression: 'SET recorded = if_not_exists(recorded, :count)',
        ExpressionAttributeValues: { ':count': count },
      });
      await retryConflicts(() => client.send(command));
    },
    async read(taskId, key) {
      const { Item = {} } = await client.send(
        new GetCommand({ TableName: tableName, Key: keyOf(taskId, key), ConsistentRead: true }),
      );
      return effectCount.parse(Item);
    },
  };
}

/** Whether an effect has happened again after its step was recorded. */
export function isRepeated({ effects, recorded }: EffectCount): boolean {
  return recorded !== null && effects > recorded;
}
