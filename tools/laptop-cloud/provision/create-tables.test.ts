import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AttributeValue,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Emulator } from '../emulators/emulator.ts';
import { startTableEmulator } from '../emulators/start-table-emulator.ts';
import { createTableClient } from './aws-clients.ts';
import { createTables } from './create-tables.ts';
import { resolved } from './fixtures/resolved.ts';
import { sweepExpired } from './sweep-expired.ts';

let dataDir: string;
let emulator: Emulator;
let client: DynamoDBClient;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'celeriac-create-tables-'));
  emulator = await startTableEmulator({ dataDir });
  client = createTableClient(emulator.url);
});

afterAll(async () => {
  await emulator.stop();
  rmSync(dataDir, { recursive: true });
});

const index = (IndexName: string, attribute: string, ProjectionType = 'KEYS_ONLY') => ({
  IndexName,
  KeySchema: [{ AttributeName: attribute, KeyType: 'HASH' }],
  Projection: { ProjectionType },
});
const strings = (...names: string[]) => names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' }));
const base = {
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: strings('pk', 'sk', 'kind'),
  GlobalSecondaryIndexes: [index('attention', 'kind')],
  TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
};

const create = (name: string, properties: object = {}) =>
  createTables([resolved('AWS::DynamoDB::GlobalTable', name, { ...base, ...properties })], client);
const put = (name: string, item: Record<string, AttributeValue>) =>
  client.send(new PutItemCommand({ TableName: name, Item: { sk: { S: '-' }, ...item } }));
const get = async (name: string, pk: string) =>
  (await client.send(new GetItemCommand({ TableName: name, Key: { pk: { S: pk }, sk: { S: '-' } } }))).Item;
const indexesOf = async (name: string) =>
  (await client.send(new DescribeTableCommand({ TableName: name }))).Table?.GlobalSecondaryIndexes?.map(
    ({ IndexName }) => IndexName,
  ).sort();
const byKind = async (name: string, IndexName: string, attribute: string) => {
  const { Items } = await client.send(
    new QueryCommand({
      TableName: name,
      IndexName,
      KeyConditionExpression: '#k = :k',
      ExpressionAttributeNames: { '#k': attribute },
      ExpressionAttributeValues: { ':k': { S: 'x' } },
    }),
  );
  return Items;
};

describe('creating tables', () => {
  it('makes keys, indexes, TTL and stream as the template says', async () => {
    const stream = {
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      Replicas: [{ Region: 'us-east-1' }],
    };
    expect(await create('whole', stream)).toEqual([
      {
        stack: 'app',
        logicalId: 'It',
        name: 'whole',
        keys: ['pk', 'sk'],
        ttlAttribute: 'ttl',
        streamArn: expect.stringContaining('table/whole/stream/'),
      },
    ]);
    await put('whole', { pk: { S: 'a' }, kind: { S: 'x' }, more: { N: '1' } });
    expect(await byKind('whole', 'attention', 'kind')).toEqual([
      { pk: { S: 'a' }, sk: { S: '-' }, kind: { S: 'x' } },
    ]);
    const ttl = await client.send(new DescribeTimeToLiveCommand({ TableName: 'whole' }));
    expect(ttl.TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' });
  });

  it('keeps the items of a table that exists', async () => {
    await create('kept');
    await put('kept', { pk: { S: 'a' }, n: { N: '1' } });
    const [again] = await create('kept');
    expect(again).toMatchObject({ name: 'kept', ttlAttribute: 'ttl', streamArn: undefined });
    expect(await get('kept', 'a')).toMatchObject({ n: { N: '1' } });
  });

  it('brings the indexes of a kept table to the template’s: new, changed, gone', async () => {
    const before = { GlobalSecondaryIndexes: [index('gone', 'kind'), index('changed', 'kind')] };
    await create('indexes', before);
    await put('indexes', { pk: { S: 'a' }, kind: { S: 'x' }, day: { S: 'x' }, n: { N: '1' } });
    await create('indexes', {
      AttributeDefinitions: strings('pk', 'sk', 'kind', 'day'),
      GlobalSecondaryIndexes: [index('changed', 'kind', 'ALL'), index('new', 'day')],
    });
    expect(await indexesOf('indexes')).toEqual(['changed', 'new']);
    expect(await byKind('indexes', 'changed', 'kind')).toEqual([expect.objectContaining({ n: { N: '1' } })]);
    expect(await byKind('indexes', 'new', 'day')).toHaveLength(1);
  });

  it('brings the TTL and the stream of a kept table to the template’s', async () => {
    await create('settings');
    const changed = {
      TimeToLiveSpecification: { AttributeName: 'other', Enabled: true },
      StreamSpecification: { StreamViewType: 'KEYS_ONLY' },
    };
    const [table] = await create('settings', changed);
    expect(table?.streamArn).toContain('/stream/');
    expect(table?.ttlAttribute).toBe('other');
    const ttl = await client.send(new DescribeTimeToLiveCommand({ TableName: 'settings' }));
    expect(ttl.TimeToLiveDescription?.AttributeName).toBe('other');
    const [off] = await create('settings', { TimeToLiveSpecification: { Enabled: false } });
    expect(off?.ttlAttribute).toBeUndefined();
  });

  it('refuses a kept table with another primary key, saying what to do', async () => {
    await create('fixed');
    const KeySchema = [{ AttributeName: 'pk', KeyType: 'HASH' }];
    await expect(create('fixed', { KeySchema })).rejects.toThrow(
      /kept table fixed has another primary key .* remove the data folder, or take another with --data DIR/,
    );
  });

  it('refuses a property that it would not honour', async () => {
    await expect(create('odd', { ImportSourceSpecification: {} })).rejects.toThrow(
      /^AWS::DynamoDB::GlobalTable \(app\/It\) .*ImportSourceSpecification/s,
    );
  });
});

describe('sweeping expired items', () => {
  const now = Date.UTC(2030, 0, 1);
  const at = (offset: number) => ({ N: String(now / 1000 + offset) });

  it('deletes what is past its time by the given clock, and nothing else', async () => {
    const tables = await create('swept');
    await put('swept', { pk: { S: 'past' }, ttl: at(-1) });
    await put('swept', { pk: { S: 'now' }, ttl: at(0) });
    await put('swept', { pk: { S: 'future' }, ttl: at(60) });
    await put('swept', { pk: { S: 'none' } });
    await put('swept', { pk: { S: 'no number' }, ttl: { S: '1' } });
    await put('swept', { pk: { S: 'older than five years' }, ttl: at(-6 * 366 * 86_400) });
    const left = async () => {
      const { Items } = await client.send(new ScanCommand({ TableName: 'swept' }));
      return Items?.map(({ pk }) => pk?.S).sort();
    };
    expect(await sweepExpired(client, tables, now)).toBe(1);
    expect(await left()).toEqual(['future', 'no number', 'none', 'now', 'older than five years']);
    expect(await sweepExpired(client, tables, now + 61_000)).toBe(2);
    expect(await left()).toEqual(['no number', 'none', 'older than five years']);
  });

  it('goes through more than a page', async () => {
    const tables = await create('pages');
    const big = { S: 'x'.repeat(300_000) };
    for (let n = 0; n < 8; n += 1) await put('pages', { pk: { S: `p${n}` }, ttl: at(-1), big });
    expect(await sweepExpired(client, tables, now)).toBe(8);
  });

  it('leaves tables without TTL alone', async () => {
    const tables = await create('forever', { TimeToLiveSpecification: undefined });
    await put('forever', { pk: { S: 'past' }, ttl: at(-1) });
    expect(await sweepExpired(client, tables, now)).toBe(0);
  });
});
