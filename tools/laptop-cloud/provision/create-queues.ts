import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  type QueueAttributeName,
  QueueDoesNotExist,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { queueUrl } from './aws-clients.ts';
import type { ResolvedResource } from './identify-resources.ts';
import { readProperties, unread } from './read-properties.ts';

const seconds = z.coerce.number().int();

/** Source: AWS CloudFormation Template Reference, AWS::SQS::Queue; defaults included. */
const QueueProperties = z.strictObject({
  QueueName: z.string().optional(),
  DelaySeconds: seconds.default(0),
  MaximumMessageSize: z.coerce.number().int().default(1_048_576),
  MessageRetentionPeriod: seconds.default(345_600),
  ReceiveMessageWaitTimeSeconds: seconds.default(0),
  VisibilityTimeout: seconds.default(30),
  RedrivePolicy: z
    .strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number().int() })
    .optional(),
  RedriveAllowPolicy: unread,
  KmsMasterKeyId: unread,
  KmsDataKeyReusePeriodSeconds: unread,
  SqsManagedSseEnabled: unread,
  Tags: unread,
});

/**
 * Creates the queues that are absent, and gives all of them the template's attributes; messages stay.
 * @param options.url the queue emulator's
 * @throws Error for a property that the laptop does not know, FIFO queues among them
 */
export async function createQueues(
  queues: readonly ResolvedResource[],
  options: { client: SQSClient; url: string },
): Promise<void> {
  const wanted = queues.map((queue) => ({ name: queue.name, attributes: attributesOf(queue) }));
  await Promise.all(
    wanted.map(async ({ name, attributes }) => {
      if (await exists(options.client, name)) {
        const QueueUrl = queueUrl(options.url, name);
        await options.client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: attributes }));
      } else {
        const { RedrivePolicy, ...others } = attributes;
        const Attributes = RedrivePolicy ? attributes : others;
        await options.client.send(new CreateQueueCommand({ QueueName: name, Attributes }));
      }
    }),
  );
}

/** Every attribute, those at their default too: a property taken out of the template must not linger. */
function attributesOf(queue: ResolvedResource): Partial<Record<QueueAttributeName, string>> {
  const properties = readProperties(queue, QueueProperties, 'provision/create-queues.ts');
  return {
    DelaySeconds: String(properties.DelaySeconds),
    MaximumMessageSize: String(properties.MaximumMessageSize),
    MessageRetentionPeriod: String(properties.MessageRetentionPeriod),
    ReceiveMessageWaitTimeSeconds: String(properties.ReceiveMessageWaitTimeSeconds),
    VisibilityTimeout: String(properties.VisibilityTimeout),
    RedrivePolicy: properties.RedrivePolicy === undefined ? '' : JSON.stringify(properties.RedrivePolicy),
  };
}

async function exists(client: SQSClient, name: string): Promise<boolean> {
  try {
    await client.send(new GetQueueUrlCommand({ QueueName: name }));
    return true;
  } catch (error) {
    if (error instanceof QueueDoesNotExist) return false;
    throw error;
  }
}
