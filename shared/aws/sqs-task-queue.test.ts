import {
  CreateQueueCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, inject, it } from 'vitest';
import { emulatedQueueUrl, emulatedSqs, ownName } from '../contracts/emulator-clients.ts';
import { describeTaskQueue } from '../contracts/task-queue-contract.ts';
import { type QueueName, queueNames } from '../tasks/define-task.ts';
import { createSqsTaskQueue, type QueueUrls } from './sqs-task-queue.ts';

const client = emulatedSqs();
const message = { v: 1, taskId: 'a-task', epoch: 1 } as const;

async function makeQueue(): Promise<string> {
  const name = ownName('queue');
  await client.send(new CreateQueueCommand({ QueueName: name }));
  return emulatedQueueUrl(name);
}

async function makeQueues(): Promise<Record<QueueName, QueueUrls>> {
  const urls = queueNames.map(async (name) => {
    const [url, deadLetterUrl] = await Promise.all([makeQueue(), makeQueue()]);
    return [name, { url, deadLetterUrl }] as const;
  });
  return Object.fromEntries(await Promise.all(urls)) as Record<QueueName, QueueUrls>;
}

async function receive(url: string): Promise<Message | null> {
  const received = await client.send(
    new ReceiveMessageCommand({ QueueUrl: url, VisibilityTimeout: 30, MessageAttributeNames: ['All'] }),
  );
  return received.Messages?.[0] ?? null;
}

describeTaskQueue('SQS', async () => {
  const queues = await makeQueues();
  return {
    queue: createSqsTaskQueue({ client, queues }),
    async receive(queue) {
      const received = await receive(queues[queue].url);
      if (received === null) return null;
      const { MessageId = '', ReceiptHandle = '', Body = '' } = received;
      return { queue, messageId: MessageId, receipt: ReceiptHandle, body: Body };
    },
    async receiveDead(queue) {
      const received = await receive(queues[queue].deadLetterUrl);
      if (received === null) return null;
      const attributes = Object.entries(received.MessageAttributes ?? {});
      return {
        body: received.Body ?? '',
        attributes: Object.fromEntries(attributes.map(([name, { StringValue = '' }]) => [name, StringValue])),
      };
    },
    async sendRaw(queue, body) {
      await client.send(new SendMessageCommand({ QueueUrl: queues[queue].url, MessageBody: body }));
    },
    async advance(ms) {
      const moved = await fetch(`${inject('queueClockUrl')}?ms=${ms}`, { method: 'POST' });
      if (!moved.ok) throw new Error(`the queue emulator's clock answered ${moved.status}`);
    },
  };
});

describe('SQS task queue', () => {
  /** What goes over the wire, because the emulator drops groups and takes delays that SQS does not. */
  async function inputsOf(
    send: (queue: ReturnType<typeof createSqsTaskQueue>) => Promise<void>,
    traceHeader?: () => string | null,
  ) {
    const watched = emulatedSqs();
    const inputs: object[] = [];
    watched.middlewareStack.add(
      (next) => (args) => {
        inputs.push(args.input);
        return next(args);
      },
      { step: 'initialize' },
    );
    const queues = await makeQueues();
    await send(createSqsTaskQueue({ client: watched, queues, ...(traceHeader && { traceHeader }) }));
    return { inputs, queues };
  }

  it('sends the group, and no delay when there is none', async () => {
    const { inputs, queues } = await inputsOf((queue) =>
      queue.send('default', message, { delaySeconds: 0, group: 'acme' }),
    );
    expect(inputs).toEqual([
      { QueueUrl: queues.default.url, MessageBody: JSON.stringify(message), MessageGroupId: 'acme' },
    ]);
  });

  it('sends the trace of whoever sends, asked for anew each time, and the message arrives', async () => {
    const traces = ['Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1', null];
    const { inputs, queues } = await inputsOf(
      async (queue) => {
        await queue.send('default', message, { delaySeconds: 0, group: 'acme' });
        await queue.send('priority', message, { delaySeconds: 0, group: 'acme' });
      },
      () => traces.shift() ?? null,
    );
    expect(inputs).toMatchObject([
      {
        MessageSystemAttributes: {
          AWSTraceHeader: {
            DataType: 'String',
            StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1',
          },
        },
      },
      {},
    ]);
    expect(inputs[1]).not.toHaveProperty('MessageSystemAttributes');
    expect((await receive(queues.default.url))?.Body).toBe(JSON.stringify(message));
  });

  it('rounds a delay up, so that no message is early', async () => {
    const { inputs } = await inputsOf((queue) =>
      queue.send('default', message, { delaySeconds: 60.2, group: 'acme' }),
    );
    expect(inputs).toMatchObject([{ DelaySeconds: 61 }]);
  });

  it('asks for as many dead letters as one call gives, and does not wait for more', async () => {
    const { inputs, queues } = await inputsOf(async (queue) => {
      await queue.receiveDead('priority', 60.2);
    });
    const QueueUrl = queues.priority.deadLetterUrl;
    expect(inputs).toEqual([
      { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 61, WaitTimeSeconds: 1 },
    ]);
  });

  it('names the queue that was not granted, and those that were', async () => {
    const queue = createSqsTaskQueue({
      client,
      queues: { priority: { url: 'http://x', deadLetterUrl: 'http://y' } },
    });
    const granted = 'not granted the queue "default" (it has: priority)';
    await expect(queue.send('default', message, { delaySeconds: 0, group: 'a' })).rejects.toThrow(granted);
    await expect(queue.sendDead('default', message)).rejects.toThrow(granted);
    const letter = { queue: 'default', receipt: 'r', body: '{}' } as const;
    await expect(queue.receiveDead('default', 30)).rejects.toThrow(granted);
    await expect(queue.removeDead(letter)).rejects.toThrow(granted);
    await expect(queue.putBackDead(letter)).rejects.toThrow(granted);
  });

  it('sends the largest unreadable message on, if need be without the reason', async () => {
    const { inputs, queues } = await inputsOf(async (queue) => {
      const delivery = { queue: 'default', messageId: 'm', receipt: 'r' } as const;
      await queue.sendUnreadable({ ...delivery, body: 'x'.repeat(1_048_576) }, 'the body is not JSON');
      await queue.sendUnreadable({ ...delivery, body: 'x'.repeat(1_048_000) }, 'the body is not JSON');
    });
    const first = await receive(queues.default.deadLetterUrl);
    const second = await receive(queues.default.deadLetterUrl);
    expect([first?.Body?.length, first?.MessageAttributes]).toEqual([1_048_576, undefined]);
    expect([second?.Body?.length, Object.keys(second?.MessageAttributes ?? {})]).toEqual([
      1_048_000,
      ['reason', 'messageId'],
    ]);
    expect(inputs).toHaveLength(2);
  });
});
