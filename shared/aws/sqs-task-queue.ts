import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { wholeDelay, wholeVisibility } from '../ports/queue-limits.ts';
import { toQueueAttribute, toQueueJson } from '../ports/queue-text.ts';
import type { TaskQueue } from '../ports/task-queue.ts';
import type { QueueName } from '../tasks/define-task.ts';

/** Where a queue and its dead-letter queue are; the SDK calls the URLs' host. */
export interface QueueUrls {
  readonly url: string;
  readonly deadLetterUrl: string;
}

/** What {@link createSqsTaskQueue} needs: a function lists only the queues that it may use. */
export interface SqsTaskQueueOptions {
  readonly client: SQSClient;
  readonly queues: Partial<Readonly<Record<QueueName, QueueUrls>>>;
  /**
   * Asked at each send for the X-Ray trace that the message is to carry on to its worker, as a tracing header; null for
   * none. https://docs.aws.amazon.com/xray/latest/devguide/xray-services-sqs.html
   * @default none
   */
  readonly traceHeader?: () => string | null;
}

/** Task messages on Amazon SQS. Every call throws for a queue that is not listed. */
export function createSqsTaskQueue({
  client,
  queues,
  traceHeader = () => null,
}: SqsTaskQueueOptions): TaskQueue {
  const urlsOf = (queue: QueueName): QueueUrls => {
    const urls = queues[queue];
    if (urls) return urls;
    const granted = Object.keys(queues).join(', ') || 'none';
    throw new Error(
      `this function was not granted the queue "${queue}" (it has: ${granted}): grant it in the template`,
    );
  };
  return {
    async send(queue, message, { delaySeconds, group }) {
      const delay = wholeDelay(delaySeconds);
      const trace = traceHeader();
      await client.send(
        new SendMessageCommand({
          QueueUrl: urlsOf(queue).url,
          MessageBody: toQueueJson(message),
          MessageGroupId: group,
          ...(delay > 0 && { DelaySeconds: delay }),
          ...(trace !== null && {
            MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: trace } },
          }),
        }),
      );
    },
    async putBack({ queue, receipt }, seconds) {
      await client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: urlsOf(queue).url,
          ReceiptHandle: receipt,
          VisibilityTimeout: wholeVisibility(seconds),
        }),
      );
    },
    async sendDead(queue, message) {
      await client.send(
        new SendMessageCommand({
          QueueUrl: urlsOf(queue).deadLetterUrl,
          MessageBody: toQueueJson(message),
          MessageAttributes: attributes({ taskId: message.taskId, errorType: message.error?.type ?? '' }),
        }),
      );
    },
    async sendUnreadable({ queue, messageId, body }, reason) {
      const beside = attributes({ reason, messageId });
      await client.send(
        new SendMessageCommand({
          QueueUrl: urlsOf(queue).deadLetterUrl,
          MessageBody: body,
          ...(fits(body, beside) && { MessageAttributes: beside }),
        }),
      );
    },
    async receiveDead(queue, hideSeconds) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: urlsOf(queue).deadLetterUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: wholeVisibility(hideSeconds),
          // Without a wait SQS asks only some of its servers and may find nothing in a queue that holds a little.
          WaitTimeSeconds: 1,
        }),
      );
      return Messages.map(({ ReceiptHandle = '', Body = '' }) => ({
        queue,
        receipt: ReceiptHandle,
        body: Body,
      }));
    },
    async removeDead({ queue, receipt }) {
      const QueueUrl = urlsOf(queue).deadLetterUrl;
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receipt }));
    },
    async putBackDead({ queue, receipt }) {
      const QueueUrl = urlsOf(queue).deadLetterUrl;
      await client.send(
        new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receipt, VisibilityTimeout: 0 }),
      );
    },
  };
}

const largestMessage = 1_048_576;

/** A body that leaves no room for attributes must still reach the dead-letter queue, or it would come back for ever. */
function fits(body: string, beside: Record<string, MessageAttributeValue>): boolean {
  const sizes = Object.entries(beside).map(([name, { DataType = '', StringValue = '' }]) =>
    Buffer.byteLength(`${name}${DataType}${StringValue}`),
  );
  return sizes.reduce((sum, size) => sum + size, Buffer.byteLength(body)) <= largestMessage;
}

function attributes(texts: Record<string, string>): Record<string, MessageAttributeValue> {
  const values: Record<string, MessageAttributeValue> = {};
  for (const [name, text] of Object.entries(texts)) {
    const value = toQueueAttribute(text);
    if (value !== null) values[name] = { DataType: 'String', StringValue: value };
  }
  return values;
}
