import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLaptopClock, type LaptopClock } from '../clock/laptop-clock.ts';
import { createBucketClient, createQueueClient, queueUrl } from '../provision/aws-clients.ts';
import { knock, otherAddresses } from './fixtures/addresses.ts';
import { type QueueEmulator, startQueueEmulator } from './start-queue-emulator.ts';

// One emulator for the file, as its start is what costs; each test has queues of its own.
let dataDir: string;
let clock: LaptopClock;
let emulator: QueueEmulator;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'celeriac-queues-'));
  clock = createLaptopClock();
  emulator = await startQueueEmulator({ dataDir, clock });
});

afterAll(async () => {
  await emulator.stop();
  rmSync(dataDir, { recursive: true });
});

async function restart() {
  await emulator.stop();
  emulator = await startQueueEmulator({ dataDir, clock });
}

async function createQueue(attributes: Record<string, string> = {}) {
  const name = `queue-${randomUUID()}`;
  const client = () => createQueueClient(emulator.url);
  await client().send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  const url = () => ({ QueueUrl: queueUrl(emulator.url, name) });
  return {
    name,
    send: (body: string, delaySeconds?: number) =>
      client().send(new SendMessageCommand({ ...url(), MessageBody: body, DelaySeconds: delaySeconds })),
    receive: async (waitSeconds = 0): Promise<Message | undefined> => {
      const request = { ...url(), AttributeNames: ['All' as const], WaitTimeSeconds: waitSeconds };
      return (await client().send(new ReceiveMessageCommand(request))).Messages?.[0];
    },
    show: (message: Message | undefined, seconds: number) =>
      client().send(
        new ChangeMessageVisibilityCommand({
          ...url(),
          ReceiptHandle: message?.ReceiptHandle,
          VisibilityTimeout: seconds,
        }),
      ),
    counts: async () => {
      const { Attributes } = await client().send(
        new GetQueueAttributesCommand({ ...url(), AttributeNames: ['All'] }),
      );
      return [
        Attributes?.['ApproximateNumberOfMessages'],
        Attributes?.['ApproximateNumberOfMessagesNotVisible'],
      ];
    },
  };
}

const receivesOf = (message: Message | undefined) => message?.Attributes?.['ApproximateReceiveCount'];

describe('the queue emulator', () => {
  it('listens on 127.0.0.1 and no other address', async () => {
    const port = Number(new URL(emulator.url).port);
    expect(await knock('127.0.0.1', port)).toBe('connected');
    expect(otherAddresses()).not.toEqual([]);
    for (const address of otherAddresses()) expect(await knock(address, port)).toBe('ECONNREFUSED');
  });

  it('shows a received message again when the laptop clock passes its visibility, without waiting', async () => {
    const queue = await createQueue({ VisibilityTimeout: '3600' });
    await queue.send('hello');
    expect(receivesOf(await queue.receive())).toBe('1');
    clock.advance(3_599_000);
    expect(await queue.receive()).toBeUndefined();
    clock.advance(1_001);
    expect(receivesOf(await queue.receive())).toBe('2');
  });

  it('shows a delayed message to a poll that waits already, when the clock moves', async () => {
    const queue = await createQueue();
    await queue.send('later', 900);
    const started = performance.now();
    const polled = queue.receive(20);
    await expect.poll(async () => (await queue.counts())[0]).toBe('0');
    clock.advance(900_001);
    expect((await polled)?.Body).toBe('later');
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('stamps messages with the laptop clock', async () => {
    const queue = await createQueue();
    clock.advance(86_400_000);
    const before = clock.now();
    await queue.send('tomorrow');
    const sent = Number((await queue.receive())?.Attributes?.['SentTimestamp']);
    expect(sent).toBeGreaterThanOrEqual(before);
    expect(sent).toBeLessThanOrEqual(clock.now());
  });

  it('counts receives and moves a message to the dead letters after maxReceiveCount', async () => {
    const dead = await createQueue();
    const deadLetterTargetArn = `arn:aws:sqs:us-east-1:000000000000:${dead.name}`;
    const queue = await createQueue({
      VisibilityTimeout: '30',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 }),
    });
    await queue.send('poison');
    for (const count of ['1', '2']) {
      expect(receivesOf(await queue.receive())).toBe(count);
      clock.advance(30_001);
    }
    expect(await dead.receive()).toBeUndefined();
    expect(await queue.receive()).toBeUndefined();
    expect((await dead.receive())?.Body).toBe('poison');
  });

  it('puts a message back at once and keeps its receive count, a restart included', async () => {
    const queue = await createQueue({ VisibilityTimeout: '3600' });
    await queue.send('again');
    await queue.show(await queue.receive(), 0);
    expect(await queue.counts()).toEqual(['1', '0']);
    await restart();
    const second = await queue.receive();
    expect(receivesOf(second)).toBe('2');
  });

  it('keeps a message that was in flight at a restart invisible until its time', async () => {
    const queue = await createQueue({ VisibilityTimeout: '600' });
    await queue.send('held');
    await queue.receive();
    await restart();
    expect(await queue.receive()).toBeUndefined();
    clock.advance(600_001);
    expect(receivesOf(await queue.receive())).toBe('2');
  });

  it('tells how queues are and will be, and touches no message', async () => {
    const queue = await createQueue({ VisibilityTimeout: '600' });
    await queue.send('taken');
    const received = await queue.receive();
    await queue.send('later', 300);
    await queue.send('now');
    const sent = Number(received?.Attributes?.['SentTimestamp']);
    const now = clock.now();
    const moments = [sent - 1, now, now + 400_000, now + 700_000];
    const states = await emulator.inspect([queue.name, 'nobody'], moments);
    expect(states.map(([state]) => state)).toEqual([
      { name: queue.name, visible: 0, notVisible: 0, delayed: 0, oldestSentAt: null },
      { name: queue.name, visible: 1, notVisible: 1, delayed: 1, oldestSentAt: sent },
      { name: queue.name, visible: 2, notVisible: 1, delayed: 0, oldestSentAt: sent },
      { name: queue.name, visible: 3, notVisible: 0, delayed: 0, oldestSentAt: sent },
    ]);
    expect(states[1]?.[1]).toEqual({
      name: 'nobody',
      visible: 0,
      notVisible: 0,
      delayed: 0,
      oldestSentAt: null,
    });
    expect(await queue.counts()).toEqual(['1', '1']);
    expect((await queue.receive())?.Body).toBe('now');
  });

  it('keeps objects across a restart', async () => {
    const object = { Bucket: 'payloads', Key: 'deep/er/key' };
    await createBucketClient(emulator.url).send(new CreateBucketCommand({ Bucket: object.Bucket }));
    await createBucketClient(emulator.url).send(new PutObjectCommand({ ...object, Body: 'kept' }));
    await restart();
    const found = await createBucketClient(emulator.url).send(new GetObjectCommand(object));
    expect(await found.Body?.transformToString()).toBe('kept');
  });

  it('says why it cannot start', async () => {
    const port = Number(new URL(emulator.url).port);
    await expect(startQueueEmulator({ dataDir: join(dataDir, 'other'), clock, port })).rejects.toThrow(
      /EADDRINUSE/,
    );
  });

  it('tells that it was stopped, and leaves its port', async () => {
    const port = Number(new URL(emulator.url).port);
    await emulator.stop();
    expect(await emulator.ended).toBeUndefined();
    await expect(emulator.inspect(['any'], [0])).rejects.toThrow('The queue emulator was stopped');
    expect(await knock('127.0.0.1', port)).toBe('ECONNREFUSED');
  });
});
