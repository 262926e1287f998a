import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  type Projection,
  ResourceNotFoundException,
  type TableDescription,
  UpdateTableCommand,
  type UpdateTableCommandInput,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import type { ResolvedResource } from './identify-resources.ts';
import { readTable, type TableDefinition } from './table-properties.ts';

/** A table that exists now. */
export interface ProvisionedTable {
  stack: string;
  logicalId: string;
  name: string;
  /** Attributes of the primary key, partition first. */
  keys: string[];
  /** The attribute holding the expiry in seconds since the epoch, if items expire. */
  ttlAttribute: string | undefined;
  streamArn: string | undefined;
}

const WAIT_SECONDS = 30;

/**
 * Creates the tables that are absent, and brings the indexes, stream and TTL of the others to the template's;
 * items stay.
 * @throws Error when a kept table has another primary key or local index, which no table can change
 */
export function createTables(
  tables: readonly ResolvedResource[],
  client: DynamoDBClient,
): Promise<ProvisionedTable[]> {
  return Promise.all(
    tables.map(async (table) => {
      const wanted = readTable(table);
      const kept = await describe(client, wanted.name);
      if (kept === undefined) {
        await client.send(new CreateTableCommand(wanted.create));
        await settled(client, wanted.name);
      } else {
        await bringUpToDate(client, wanted, kept);
      }
      await setTimeToLive(client, wanted);

      const { stack, logicalId, name } = table;
      const streamArn = (await describe(client, name))?.LatestStreamArn;
      const keys = wanted.create.KeySchema.map((key) => String(key.AttributeName));
      return { stack, logicalId, name, keys, ttlAttribute: wanted.ttlAttribute, streamArn };
    }),
  );
}

async function bringUpToDate(client: DynamoDBClient, wanted: TableDefinition, kept: TableDescription) {
  const { name, create } = wanted;
  if (
    describeKeys(create.KeySchema) !== describeKeys(kept.KeySchema) ||
    describeLocal(create.LocalSecondaryIndexes) !== describeLocal(kept.LocalSecondaryIndexes)
  ) {
    throw new Error(
      `The kept table ${name} has another primary key or local index than the template, and no table can change them: remove the data folder, or take another with --data DIR`,
    );
  }

  const update = async (change: Omit<UpdateTableCommandInput, 'TableName'>) => {
    await client.send(new UpdateTableCommand({ TableName: name, ...change }));
    await settled(client, name);
  };
  const present = new Map((kept.GlobalSecondaryIndexes ?? []).map((index) => [index.IndexName, index]));
  for (const [IndexName, index] of present) {
    if (wanted.indexes.some((other) => describeIndex(other) === describeIndex(index))) continue;
    await update({ GlobalSecondaryIndexUpdates: [{ Delete: { IndexName } }] });
    present.delete(IndexName);
  }
  for (const index of wanted.indexes.filter(({ IndexName }) => !present.has(IndexName))) {
    const { AttributeDefinitions } = create;
    await update({ AttributeDefinitions, GlobalSecondaryIndexUpdates: [{ Create: index }] });
  }

  const view = create.StreamSpecification?.StreamViewType;
  if (kept.StreamSpecification?.StreamViewType === view) return;
  if (kept.StreamSpecification !== undefined) await update({ StreamSpecification: { StreamEnabled: false } });
  if (create.StreamSpecification !== undefined) {
    await update({ StreamSpecification: create.StreamSpecification });
  }
}

/** Source: Amazon DynamoDB API Reference, UpdateTimeToLive: turning on what is on is refused. */
async function setTimeToLive(client: DynamoDBClient, { name, ttlAttribute }: TableDefinition): Promise<void> {
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: name }));
  const current =
    TimeToLiveDescription?.TimeToLiveStatus === 'ENABLED' ? TimeToLiveDescription.AttributeName : undefined;
  if (current === ttlAttribute) return;
  const change = (AttributeName: string, Enabled: boolean) =>
    client.send(
      new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification: { AttributeName, Enabled } }),
    );
  if (current !== undefined) await change(current, false);
  if (ttlAttribute !== undefined) await change(ttlAttribute, true);
}

async function describe(client: DynamoDBClient, name: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function settled(client: DynamoDBClient, name: string): Promise<void> {
  await waitUntilTableExists(
    { client, maxWaitTime: WAIT_SECONDS, minDelay: 1, maxDelay: 1 },
    { TableName: name },
  );
}

/** Two indexes are the same when their descriptions read the same. */
function describeIndex(index: {
  IndexName?: string | undefined;
  KeySchema?: KeySchemaElement[] | undefined;
  Projection?: Projection | undefined;
}): string {
  const { ProjectionType, NonKeyAttributes = [] } = index.Projection ?? {};
  return `${index.IndexName} (${describeKeys(index.KeySchema)}) ${ProjectionType} ${NonKeyAttributes.toSorted().join()}`;
}

function describeKeys(keys: KeySchemaElement[] | undefined): string {
  return (keys ?? []).map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`).join(', ');
}

function describeLocal(indexes: Parameters<typeof describeIndex>[0][] | undefined): string {
  return (indexes ?? []).map(describeIndex).toSorted().join('; ');
}
