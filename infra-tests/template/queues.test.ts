import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { queueNames } from '#shared/tasks/define-task.ts';
import { named, ofType, synthesise } from './synthesise.ts';

const stage = synthesise();

const sourceQueue = z.looseObject({
  VisibilityTimeout: z.number(),
  MessageRetentionPeriod: z.number(),
  RedrivePolicy: z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() }),
});
const consumer = z.looseObject({ Timeout: z.number() });
const mapping = z.looseObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: z.number(),
  FunctionResponseTypes: z.array(z.string()),
  ScalingConfig: z.object({ MaximumConcurrency: z.number() }),
});

const mappings = ofType(stage, 'AWS::Lambda::EventSourceMapping').map(({ properties }) =>
  mapping.parse(properties),
);
const sources = queueNames.map((name) => {
  const queue = `${name.replace(/(?:^|_)(.)/g, (_, first: string) => first.toUpperCase())}Queue`;
  return { queue, properties: sourceQueue.parse(named(stage, 'AWS::SQS::Queue', queue).properties) };
});

describe.each(sources)('$queue', ({ queue, properties }) => {
  it('hides a message for six times as long as its consumer may run', () => {
    const consumers = mappings.filter(({ EventSourceArn }) => EventSourceArn === `${queue}.Arn`);
    expect(consumers).toHaveLength(1);
    for (const { FunctionName } of consumers) {
      const { Timeout } = consumer.parse(named(stage, 'AWS::Lambda::Function', FunctionName).properties);
      expect(properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * Timeout);
    }
  });

  it('keeps dead letters longer than messages, whose age goes with them', () => {
    const { deadLetterTargetArn } = properties.RedrivePolicy;
    const deadLetters = named(stage, 'AWS::SQS::Queue', deadLetterTargetArn.replace('.Arn', ''));
    const { MessageRetentionPeriod } = z
      .looseObject({ MessageRetentionPeriod: z.number() })
      .parse(deadLetters.properties);
    expect(MessageRetentionPeriod).toBeGreaterThan(properties.MessageRetentionPeriod);
  });

  it('leaves counting attempts to the record', () => {
    expect(properties.RedrivePolicy.maxReceiveCount).toBe(1000);
  });
});

it('encrypts every queue and refuses plain HTTP', () => {
  const policies = ofType(stage, 'AWS::SQS::QueuePolicy');
  for (const { name, properties } of ofType(stage, 'AWS::SQS::Queue')) {
    expect(properties).toMatchObject({ SqsManagedSseEnabled: true });
    expect(policies.map((policy) => policy.properties)).toContainEqual(
      expect.objectContaining({
        Queues: [name],
        PolicyDocument: expect.objectContaining({
          Statement: expect.arrayContaining([
            expect.objectContaining({
              Effect: 'Deny',
              Action: 'sqs:*',
              Resource: `${name}.Arn`,
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            }),
          ]),
        }),
      }),
    );
  }
});

it('takes messages in batches, tells failures one by one and bounds how many run', () => {
  const taken = mappings.map(({ EventSourceArn, ...rest }) => [EventSourceArn, rest]);
  const common = {
    FunctionName: 'DefaultWorkerFunction',
    BatchSize: 10,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  };
  expect(Object.fromEntries(taken)).toEqual({
    'DefaultQueue.Arn': { ...common, ScalingConfig: { MaximumConcurrency: 50 } },
    'PriorityQueue.Arn': { ...common, ScalingConfig: { MaximumConcurrency: 10 } },
    'GeoProcessingQueue.Arn': {
      ...common,
      FunctionName: 'GeoProcessingWorkerFunction',
      BatchSize: 1,
      ScalingConfig: { MaximumConcurrency: 2 },
    },
  });
});
