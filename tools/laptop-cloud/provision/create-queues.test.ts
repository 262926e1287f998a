import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLaptopClock } from '../clock/laptop-clock.ts';
import type { Emulator } from '../emulators/emulator.ts';
import { startQueueEmulator } from '../emulators/start-queue-emulator.ts';
import { createQueueClient, queueUrl } from './aws-clients.ts';
import { createQueues } from './create-queues.ts';
import { resolved } from './fixtures/resolved.ts';

let dataDir: string;
let emulator: Emulator;
let client: SQSClient;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'celeriac-create-queues-'));
  emulator = await startQueueEmulator({ dataDir, clock: createLaptopClock() });
  client = createQueueClient(emulator.url);
});

afterAll(async () => {
  await emulator.stop();
  rmSync(dataDir, { recursive: true });
});

const create = (name: string, properties: Record<string, unknown>) =>
  createQueues([resolved('AWS::SQS::Queue', name, properties)], { client, url: emulator.url });

async function attributes(name: string) {
  const QueueUrl = queueUrl(emulator.url, name);
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  return Attributes;
}

const redrive = { deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead', maxReceiveCount: 1000 };

it('creates a queue with the attributes of its template', async () => {
  await create('first', {
    VisibilityTimeout: 1980,
    DelaySeconds: '3',
    MessageRetentionPeriod: 1_209_600,
    RedrivePolicy: redrive,
    SqsManagedSseEnabled: true,
  });
  const found = await attributes('first');
  expect(found).toMatchObject({
    QueueArn: 'arn:aws:sqs:us-east-1:000000000000:first',
    VisibilityTimeout: '1980',
    DelaySeconds: '3',
    MessageRetentionPeriod: '1209600',
    ReceiveMessageWaitTimeSeconds: '0',
  });
  expect(JSON.parse(found?.['RedrivePolicy'] ?? '')).toEqual(redrive);
});

it('keeps the messages of a queue that exists and gives it the new attributes, defaults included', async () => {
  await create('second', { VisibilityTimeout: 60, DelaySeconds: 0, RedrivePolicy: redrive });
  const QueueUrl = queueUrl(emulator.url, 'second');
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'kept' }));
  await create('second', { DelaySeconds: 5 });
  const found = await attributes('second');
  expect(found).toMatchObject({ VisibilityTimeout: '30', DelaySeconds: '5' });
  expect(found?.['RedrivePolicy']).toBeUndefined();
  const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages?.map(({ Body }) => Body)).toEqual(['kept']);
});

it('refuses a property that it would not honour, naming resource, property and file', async () => {
  await expect(create('third', { FifoQueue: true })).rejects.toThrow(
    /^AWS::SQS::Queue \(app\/It\) has properties .*provision\/create-queues\.ts\):\n.*FifoQueue/,
  );
  expect(await attributes('first')).toBeDefined();
  await expect(attributes('third')).rejects.toThrow(/does not exist/);
});
