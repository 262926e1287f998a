import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { cancellationReasons } from '#shared/aws/refused-write.ts';
import { ownName } from '#shared/contracts/emulator-clients.ts';
import { type FaultKind, faultKinds } from './fault-kinds.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';

let proxy: FaultProxy;
let next: string | null;
let counted: string[];
const clients: { destroy(): void }[] = [];

beforeEach(() => {
  next = null;
  counted = [];
  proxy = startFaultProxy({
    choose: () => faultKinds.find(({ name }) => name === next) ?? null,
    count: ({ name }) => counted.push(name),
  });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.stop();
});

/** Makes one call while every call meets this fault; resolves with the error's name, or null. */
async function under(fault: string, call: () => Promise<unknown>): Promise<string | null> {
  next = fault;
  try {
    await call();
    return null;
  } catch (error) {
    return (error as Error).name;
  } finally {
    next = null;
  }
}

/** Sends each call once. */
async function settingsBehind(emulator: string) {
  return {
    endpoint: await proxy.before(emulator),
    region: 'us-east-1',
    credentials: { accessKeyId: 'SomeFunction', secretAccessKey: 'tests' },
    maxAttempts: 1,
  };
}

const dropped = 'TimeoutError';

describe('DynamoDB behind the proxy', () => {
  let tables: DynamoDBDocumentClient;
  let TableName: string;
  beforeEach(async () => {
    const client = new DynamoDBClient(await settingsBehind(inject('tableEmulatorUrl')));
    clients.push(client);
    tables = DynamoDBDocumentClient.from(client);
    TableName = ownName('faults');
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      }),
    );
  });
  const put = (pk: string) =>
    tables.send(new PutCommand({ TableName, Item: { pk }, ConditionExpression: 'attribute_not_exists(pk)' }));
  const transact = (...pks: readonly string[]) =>
    tables.send(
      new TransactWriteCommand({ TransactItems: pks.map((pk) => ({ Put: { TableName, Item: { pk } } })) }),
    );
  const isThere = async (pk: string) => {
    const { Item } = await tables.send(new GetCommand({ TableName, Key: { pk }, ConsistentRead: true }));
    return Item !== undefined;
  };

  it.each([
    ['500', 'InternalServerError'],
    ['throttled', 'ProvisionedThroughputExceededException'],
    ['throttled by rate', 'ThrottlingException'],
    ['conflict of a write', 'TransactionConflictException'],
    ['dropped', dropped],
  ])('%s: the write is not applied', async (fault, error) => {
    expect(await under(`DynamoDB ${fault}`, () => put('a'))).toBe(error);
    expect(await isThere('a')).toBe(false);
    expect(counted).toEqual([`DynamoDB ${fault}`]);
  });

  it('conflict of a transaction: cancelled with a reason for each action, and not applied', async () => {
    next = 'DynamoDB conflict of a transaction';
    const error = await transact('a', 'b').catch((thrown: unknown) => thrown);
    next = null;
    expect(cancellationReasons(error).map(({ Code }) => Code)).toEqual(['TransactionConflict', 'None']);
    expect([await isThere('a'), await isThere('b')]).toEqual([false, false]);
  });

  it('reply lost: the write is applied, and its answer never comes', async () => {
    expect(await under('DynamoDB reply lost', () => put('a'))).toBe(dropped);
    expect(await under('DynamoDB reply lost', () => transact('b'))).toBe(dropped);
    expect([await isThere('a'), await isThere('b')]).toEqual([true, true]);
    expect(counted).toEqual(['DynamoDB reply lost', 'DynamoDB reply lost']);
  });

  it('reply lost: a refusal is told, for nothing was applied', async () => {
    await put('a');
    expect(await under('DynamoDB reply lost', () => put('a'))).toBe('ConditionalCheckFailedException');
    expect(counted).toEqual([]);
  });
});

describe('a call that is held back', () => {
  it('is made when it is released, and others are answered meanwhile', async () => {
    const { promise: until, resolve: release } = Promise.withResolvers<void>();
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    const hold: FaultKind = {
      ...{ name: 'held', service: 'DynamoDB', strikes: () => true, strikesAll: true },
      how: { kind: 'hold', until },
    };
    const calls: string[] = [];
    const held = startFaultProxy({
      choose: ({ operation }) => (calls.push(operation) === 1 ? hold : null),
      count: () => reach(),
    });
    const endpoint = await held.before(inject('tableEmulatorUrl'));
    const client = new DynamoDBClient({
      ...(await settingsBehind(inject('tableEmulatorUrl'))),
      endpoint,
    });
    clients.push(client);
    const answered: string[] = [];
    const list = async (name: string) => {
      await client.send(new ListTablesCommand({}));
      answered.push(name);
    };
    const first = list('first');
    await reached;
    await list('second');
    expect(answered).toEqual(['second']);
    release();
    await first;
    expect(answered).toEqual(['second', 'first']);
    await held.stop();
  });
});

describe('SQS behind the proxy', () => {
  let queues: SQSClient;
  let QueueUrl: string;
  beforeEach(async () => {
    const settings = await settingsBehind(inject('queueEmulatorUrl'));
    queues = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
    clients.push(queues);
    const QueueName = ownName('faults');
    await queues.send(new CreateQueueCommand({ QueueName }));
    QueueUrl = `${settings.endpoint}/000000000000/${QueueName}`;
  });
  const send = () => queues.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hi' }));
  const counts = async () => {
    const { Attributes = {} } = await queues.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: hidden } =
      Attributes;
    return { visible, hidden };
  };

  it.each([
    ['503', 'ServiceUnavailable'],
    ['throttled', 'RequestThrottled'],
    ['dropped', dropped],
  ])('%s: the message is not sent', async (fault, error) => {
    expect(await under(`SQS ${fault}`, send)).toBe(error);
    expect(await counts()).toEqual({ visible: '0', hidden: '0' });
  });

  it('reply lost: the message is sent; one that was received is hidden from all', async () => {
    expect(await under('SQS reply lost', send)).toBe(dropped);
    expect(await counts()).toEqual({ visible: '1', hidden: '0' });
    const receive = () => queues.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(await under('SQS reply lost', receive)).toBe(dropped);
    expect(await counts()).toEqual({ visible: '0', hidden: '1' });
  });
});

describe('S3 behind the proxy', () => {
  let objects: S3Client;
  const Bucket = ownName('faults');
  beforeEach(async () => {
    const settings = await settingsBehind(inject('queueEmulatorUrl'));
    objects = new S3Client({ ...settings, forcePathStyle: true });
    clients.push(objects);
    await objects.send(new CreateBucketCommand({ Bucket }));
  });
  const put = (Key: string) => objects.send(new PutObjectCommand({ Bucket, Key, Body: 'content' }));
  const keys = async () => {
    const { Contents = [] } = await objects.send(new ListObjectsV2Command({ Bucket }));
    return Contents.map(({ Key }) => Key);
  };

  it.each([
    ['500', 'InternalError'],
    ['slow down', 'SlowDown'],
    ['dropped', dropped],
  ])('%s: the object is not stored', async (fault, error) => {
    const key = ownName(fault);
    expect(await under(`S3 ${fault}`, () => put(key))).toBe(error);
    expect(await keys()).not.toContain(key);
  });

  it('reply lost: the object is stored', async () => {
    const key = ownName('lost');
    expect(await under('S3 reply lost', () => put(key))).toBe(dropped);
    expect(await keys()).toContain(key);
  });

  it('lets what it does not strike pass unchanged', async () => {
    const key = ownName('passing');
    await put(key);
    const { Body } = await objects.send(new GetObjectCommand({ Bucket, Key: key }));
    expect(await Body?.transformToString()).toBe('content');
    expect(
      await under('S3 500', () => objects.send(new HeadObjectCommand({ Bucket, Key: key }))),
    ).not.toBeNull();
  });
});
