import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { type TokenItem, tokenItem, tokenKey } from './token-item.ts';

/** Keeps tokens by their hash. */
export interface TokenStore {
  /** The token of this hash, expired or not, or null. */
  get(hash: string): Promise<TokenItem | null>;
  /** Stores a token; throws when there is one of the same hash. */
  put(item: TokenItem): Promise<void>;
}

/** Tokens in the pipeline's table. */
export function createTokenStore(client: DynamoDBDocumentClient, tableName: string): TokenStore {
  return {
    async get(hash) {
      // Consistent, because "there is no such token" is remembered: a token must work from the moment it is shown.
      const { Item } = await client.send(
        new GetCommand({ TableName: tableName, Key: tokenKey(hash), ConsistentRead: true }),
      );
      return Item ? tokenItem.parse(Item) : null;
    },
    async put(item) {
      const ConditionExpression = 'attribute_not_exists(pk)';
      await client.send(new PutCommand({ TableName: tableName, Item: item, ConditionExpression }));
    },
  };
}
