import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import type { ProvisionedTable } from './create-tables.ts';

/** DynamoDB leaves items alone whose expiry lies further back. */
const OLDEST_SECONDS = 5 * 365 * 24 * 3600;
const DELETES_AT_ONCE = 20;

/**
 * Deletes the items whose time to live is over, as DynamoDB does and the emulator does not. DynamoDB may take
 * days over it; here they go at the next sweep. An item whose expiry changes meanwhile stays.
 * Source: Amazon DynamoDB Developer Guide, "Using time to live (TTL)".
 * @param now milliseconds since the epoch, by the laptop clock
 * @returns how many items were deleted
 */
export async function sweepExpired(
  client: DynamoDBClient,
  tables: readonly Pick<ProvisionedTable, 'name' | 'keys' | 'ttlAttribute'>[],
  now: number,
): Promise<number> {
  const swept = await Promise.all(
    tables.map(({ name, keys, ttlAttribute }) =>
      ttlAttribute === undefined ? 0 : sweepTable(client, name, keys, ttlAttribute, now),
    ),
  );
  return swept.reduce((sum, count) => sum + count, 0);
}

async function sweepTable(
  client: DynamoDBClient,
  name: string,
  keys: readonly string[],
  ttlAttribute: string,
  now: number,
): Promise<number> {
  const seconds = Math.floor(now / 1000);
  const expired = 'attribute_type(#ttl, :number) AND #ttl < :now AND #ttl > :oldest';
  const values = {
    ':number': { S: 'N' },
    ':now': { N: String(seconds) },
    ':oldest': { N: String(seconds - OLDEST_SECONDS) },
  };

  const remove = async (key: Record<string, AttributeValue>): Promise<boolean> => {
    try {
      await client.send(
        new DeleteItemCommand({
          TableName: name,
          Key: key,
          ConditionExpression: expired,
          ExpressionAttributeNames: { '#ttl': ttlAttribute },
          ExpressionAttributeValues: values,
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };

  const pages = paginateScan(
    { client },
    {
      TableName: name,
      ConsistentRead: true,
      FilterExpression: expired,
      ProjectionExpression: keys.map((_key, index) => `#key${index}`).join(', '),
      ExpressionAttributeNames: {
        '#ttl': ttlAttribute,
        ...Object.fromEntries(keys.map((key, index) => [`#key${index}`, key])),
      },
      ExpressionAttributeValues: values,
    },
  );
  let count = 0;
  for await (const { Items = [] } of pages) {
    for (let start = 0; start < Items.length; start += DELETES_AT_ONCE) {
      const removed = await Promise.all(Items.slice(start, start + DELETES_AT_ONCE).map(remove));
      count += removed.filter(Boolean).length;
    }
  }
  return count;
}
