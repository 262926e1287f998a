import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createToken } from '#functions/runtime/tokens/create-token.ts';
import type { Scope } from '#functions/runtime/tokens/scopes.ts';
import { createTokenStore } from '#functions/runtime/tokens/token-store.ts';

/** The table that a token is put into: a laptop cloud's, or a deployed one's (no endpoint). */
export interface TokenTable {
  readonly tableName: string;
  readonly endpoint?: string;
}

/** The tenant of tokens that name none, the one that `npm start` prints included. */
export const defaultTenant = 'default';

/** Whose token, and what it may do. */
export interface WantedToken {
  readonly name: string;
  readonly tenant: string;
  readonly scopes: readonly Scope[];
}

/** Makes a token, stores its hash and returns its text, which exists nowhere else. */
export async function issueToken(table: TokenTable, wanted: WantedToken): Promise<string> {
  const client = new DynamoDBClient(table.endpoint === undefined ? {} : laptopClient(table.endpoint));
  try {
    const store = createTokenStore(DynamoDBDocumentClient.from(client), table.tableName);
    const { token, item } = createToken({ ...wanted, now: Date.now(), randomBytes });
    await store.put(item);
    return token;
  } finally {
    client.destroy();
  }
}

/** The laptop's emulators take any key; ours says who calls. */
function laptopClient(endpoint: string) {
  return {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'celeriac-cli', secretAccessKey: 'laptop' },
  };
}
