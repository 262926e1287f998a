import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { isRefusal } from '#shared/aws/refused-write.ts';
import { type Location, location } from './location.ts';

/** Keeps locations; a location is changed only by whoever has read its newest revision. */
export interface LocationStore {
  /** Stores a new location under its own, unique id. */
  create(created: Location): Promise<void>;
  /** The location, read consistently, or null. */
  read(id: string): Promise<Location | null>;
  /** Replaces revision `next.revision - 1`. False when the location has another revision or is gone. */
  save(next: Location): Promise<boolean>;
}

/** Locations in the applications' table. Every call throws what DynamoDB throws. */
export function createLocationStore(client: DynamoDBDocumentClient, tableName: string): LocationStore {
  return {
    async create(created) {
      await client.send(new PutCommand({ TableName: tableName, Item: toItem(created) }));
    },
    async read(id) {
      const { Item } = await client.send(
        new GetCommand({ TableName: tableName, Key: keyOf(id), ConsistentRead: true }),
      );
      return Item ? location.parse(Item) : null;
    },
    async save(next) {
      try {
        await client.send(
          new PutCommand({
            TableName: tableName,
            Item: toItem(next),
            ConditionExpression: 'revision = :read',
            ExpressionAttributeValues: { ':read': next.revision - 1 },
          }),
        );
        return true;
      } catch (error) {
        if (isRefusal(error)) return false;
        throw error;
      }
    },
  };
}

function keyOf(id: string) {
  return { pk: `location#${id}`, sk: 'location' };
}

function toItem(kept: Location) {
  return { ...keyOf(kept.id), ...kept };
}
