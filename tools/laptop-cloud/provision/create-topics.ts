import * as z from 'zod';
import { LAPTOP_ACCOUNT, LAPTOP_REGION } from '../assembly/laptop-account.ts';
import type { IdentifiedAssembly, ResolvedResource } from './identify-resources.ts';
import { readProperties, unread } from './read-properties.ts';
import type { TopicClient } from './topic-client.ts';

/** A topic of the templates. */
export interface ProvisionedTopic {
  arn: string;
  /** Whom a message would be mailed to on AWS. */
  mailedTo: string[];
}

const Protocol = z.enum(
  ['email', 'email-json', 'sqs'],
  'a laptop delivers to queues, and prints what it would mail',
);

/** Source: AWS CloudFormation Template Reference, AWS::SNS::Topic and AWS::SNS::Subscription. */
const TopicProperties = z.strictObject({
  TopicName: unread,
  DisplayName: unread,
  KmsMasterKeyId: unread,
  SignatureVersion: unread,
  TracingConfig: unread,
  FifoTopic: z.literal(false, 'FIFO topics are not known on a laptop').optional(),
  Subscription: z.array(z.strictObject({ Protocol, Endpoint: z.string() })).default([]),
  Tags: unread,
});

const SubscriptionProperties = z.strictObject({
  TopicArn: z.string(),
  Protocol,
  Endpoint: z.string(),
  RawMessageDelivery: z.stringbool().or(z.boolean()).default(false),
  Region: unread,
});

/**
 * Creates the topics of the templates on the emulator, with their subscriptions of queues; what exists stays.
 * @throws Error for a property or protocol that the laptop does not know
 */
export async function createTopics(
  assembly: IdentifiedAssembly,
  call: TopicClient,
): Promise<ProvisionedTopic[]> {
  const topics = new Map<string, ProvisionedTopic>();
  const subscriptions: z.output<typeof SubscriptionProperties>[] = [];
  for (const topic of assembly.resources('AWS::SNS::Topic')) {
    const { Subscription } = readProperties(topic, TopicProperties, 'provision/create-topics.ts');
    const arn = arnOf(topic);
    topics.set(arn, { arn, mailedTo: [] });
    subscriptions.push(
      ...Subscription.map((given) => ({ ...given, TopicArn: arn, RawMessageDelivery: false })),
    );
    await call('CreateTopic', { Name: topic.name });
  }
  for (const resource of assembly.resources('AWS::SNS::Subscription')) {
    subscriptions.push(readProperties(resource, SubscriptionProperties, 'provision/create-topics.ts'));
  }
  for (const { TopicArn, Protocol: protocol, Endpoint, RawMessageDelivery } of subscriptions) {
    const topic = topics.get(TopicArn);
    if (topic === undefined)
      throw new Error(`A subscription of ${Endpoint} names ${TopicArn}: no topic of the templates`);
    if (protocol !== 'sqs') topic.mailedTo.push(Endpoint);
    else {
      await call('Subscribe', {
        ...{ TopicArn, Protocol: protocol, Endpoint },
        ...{
          'Attributes.entry.1.key': 'RawMessageDelivery',
          'Attributes.entry.1.value': String(RawMessageDelivery),
        },
      });
    }
  }
  return [...topics.values()];
}

function arnOf({ name }: ResolvedResource): string {
  return `arn:aws:sns:${LAPTOP_REGION}:${LAPTOP_ACCOUNT}:${name}`;
}
