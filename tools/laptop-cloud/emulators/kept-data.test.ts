import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateTableCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { createLaptopClock } from '../clock/laptop-clock.ts';
import {
  createBucketClient,
  createQueueClient,
  createTableClient,
  queueUrl,
} from '../provision/aws-clients.ts';
import { knock } from './fixtures/addresses.ts';
import { startQueueEmulator } from './start-queue-emulator.ts';
import { startTableEmulator } from './start-table-emulator.ts';

it('keeps messages, objects and items when the process is killed, and leaves no server behind', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'celeriac-kept-'));
  const script = fileURLToPath(new URL('./fixtures/run-emulators.ts', import.meta.url));
  const child = fork(script, [dataDir], { execArgv: [] });
  const [urls] = (await once(child, 'message')) as [{ queues: string; tables: string }];

  const table = {
    TableName: 'tasks',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' as const }],
    BillingMode: 'PAY_PER_REQUEST' as const,
  };
  const item = { pk: { S: 'one' }, n: { N: '7' } };
  const object = { Bucket: 'payloads', Key: 'one' };
  await createTableClient(urls.tables).send(new CreateTableCommand(table));
  await createTableClient(urls.tables).send(new PutItemCommand({ TableName: 'tasks', Item: item }));
  await createQueueClient(urls.queues).send(new CreateQueueCommand({ QueueName: 'work' }));
  await createQueueClient(urls.queues).send(
    new SendMessageCommand({ QueueUrl: queueUrl(urls.queues, 'work'), MessageBody: 'one' }),
  );
  await createBucketClient(urls.queues).send(new CreateBucketCommand({ Bucket: object.Bucket }));
  await createBucketClient(urls.queues).send(new PutObjectCommand({ ...object, Body: 'one' }));

  child.kill('SIGKILL');
  await once(child, 'exit');
  for (const url of [urls.queues, urls.tables]) {
    await expect.poll(() => knock('127.0.0.1', Number(new URL(url).port))).toBe('ECONNREFUSED');
  }

  const queues = await startQueueEmulator({ dataDir, clock: createLaptopClock() });
  const tables = await startTableEmulator({ dataDir });
  const received = await createQueueClient(queues.url).send(
    new ReceiveMessageCommand({ QueueUrl: queueUrl(queues.url, 'work') }),
  );
  expect(received.Messages?.map((message) => message.Body)).toEqual(['one']);
  const found = await createBucketClient(queues.url).send(new GetObjectCommand(object));
  expect(await found.Body?.transformToString()).toBe('one');
  const got = await createTableClient(tables.url).send(
    new GetItemCommand({ TableName: 'tasks', Key: { pk: { S: 'one' } } }),
  );
  expect(got.Item).toEqual(item);
  await Promise.all([queues.stop(), tables.stop()]);
  rmSync(dataDir, { recursive: true });
});
