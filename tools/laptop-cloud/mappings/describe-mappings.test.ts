import { describe, expect, it } from 'vitest';
import { identifiedAssembly } from '../fixtures/identified-assembly.ts';
import { describeMappings } from './describe-mappings.ts';

const describeOne = (properties: Record<string, unknown>) =>
  describeMappings(
    identifiedAssembly({
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'default' } },
      Worker: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'worker' } },
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
          FunctionName: { Ref: 'Worker' },
          ...properties,
        },
      },
    }),
    'http://127.0.0.1:1',
  )[0];

describe('a mapping of a template', () => {
  it('has Lambda’s defaults', () => {
    expect(describeOne({})).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/),
      functionName: 'worker',
      queue: {
        name: 'default',
        url: 'http://127.0.0.1:1/000000000000/default',
        arn: 'arn:aws:sqs:us-east-1:000000000000:default',
        region: 'us-east-1',
      },
      batchSize: 10,
      maximumBatchingWindowSeconds: 0,
      maximumConcurrency: 5,
      reportBatchItemFailures: false,
      enabled: true,
    });
  });

  it('is as the template says', () => {
    const properties = {
      FunctionName: { 'Fn::GetAtt': ['Worker', 'Arn'] },
      BatchSize: 1,
      MaximumBatchingWindowInSeconds: 20,
      ScalingConfig: { MaximumConcurrency: 2 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      Enabled: false,
    };
    expect(describeOne(properties)).toMatchObject({
      functionName: 'worker',
      batchSize: 1,
      maximumBatchingWindowSeconds: 20,
      maximumConcurrency: 2,
      reportBatchItemFailures: true,
      enabled: false,
    });
  });

  it.each([
    [{ FilterCriteria: { Filters: [] } }, 'FilterCriteria'],
    [{ EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/x' }, 'only SQS queues'],
    [{ ScalingConfig: { MaximumConcurrency: 1 } }, 'MaximumConcurrency'],
  ])('is refused with what a laptop does not honour: %j', (properties, reason) => {
    expect(() => describeOne(properties)).toThrow(reason);
  });
});
