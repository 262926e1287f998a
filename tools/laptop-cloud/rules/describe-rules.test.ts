import { describe, expect, it } from 'vitest';
import { identifiedAssembly } from '../fixtures/identified-assembly.ts';
import { describeRules } from './describe-rules.ts';

function describeOne(given: {
  rule?: Record<string, unknown>;
  target?: Record<string, unknown>;
  invokeConfig?: Record<string, unknown>;
}) {
  const assembly = identifiedAssembly({
    Beat: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'beat' } },
    Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        ScheduleExpression: 'cron(0 10 * * ? *)',
        Targets: [{ Id: 'Target0', Arn: { 'Fn::GetAtt': ['Beat', 'Arn'] }, ...given.target }],
        ...given.rule,
      },
    },
    ...(given.invokeConfig && {
      Config: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: { FunctionName: { Ref: 'Beat' }, Qualifier: '$LATEST', ...given.invokeConfig },
      },
    }),
  });
  return describeRules(assembly, { anchor: 7, queues: 'http://127.0.0.1:1' })[0];
}

describe('a rule of a template', () => {
  it('has its name, schedule and target, enabled unless it says otherwise', () => {
    expect(describeOne({})).toMatchObject({
      name: 'Stack-Rule',
      arn: 'arn:aws:events:us-east-1:000000000000:rule/Stack-Rule',
      expression: 'cron(0 10 * * ? *)',
      anchor: 7,
      enabled: true,
      targets: [{ functionName: 'beat', functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:beat' }],
    });
    expect(describeOne({ rule: { State: 'DISABLED', Name: 'nightly' } })).toMatchObject({
      name: 'nightly',
      enabled: false,
    });
  });

  it('hands its target’s constant input over as JSON, and nothing when there is none', () => {
    expect(describeOne({ target: { Input: '{"schedule":"nightly"}' } })?.targets).toMatchObject([
      { input: { schedule: 'nightly' } },
    ]);
    expect(describeOne({})?.targets[0]).not.toHaveProperty('input');
  });

  it('reads how its target’s input is made of the event', () => {
    const InputTransformer = { InputPathsMap: { at: '$.time' }, InputTemplate: '{"time":<at>}' };
    const [target] = describeOne({ target: { InputTransformer } })?.targets ?? [];
    expect(target).toMatchObject({ transformer: { template: '{"time":<at>}' } });
    expect(target?.transformer?.variables).toEqual(new Map([['at', 'time']]));
  });

  it('knows its target’s dead-letter queue', () => {
    const target = { DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['Dead', 'Arn'] } } };
    expect(describeOne({ target })?.targets).toMatchObject([
      { deadLetterQueueUrl: 'http://127.0.0.1:1/000000000000/dead' },
    ]);
  });

  it('knows where its function’s failures are recorded', () => {
    const invokeConfig = {
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Dead', 'Arn'] } } },
    };
    expect(describeOne({ invokeConfig })?.targets).toMatchObject([
      { failureQueueUrl: 'http://127.0.0.1:1/000000000000/dead', maximumRetryAttempts: 2 },
    ]);
    const elsewhere = { DestinationConfig: { OnFailure: { Destination: 'arn:aws:sns:us-east-1:1:topic' } } };
    expect(() => describeOne({ invokeConfig: elsewhere })).toThrow('only queues are destinations');
  });

  it.each([
    ['twice without a word', undefined, undefined, 2],
    ['as the retry policy says', 5, undefined, 5],
    ['as the function’s own configuration says', 5, 0, 0],
  ])('tries again %s', (_what, policy, config, retries) => {
    const described = describeOne({
      ...(policy !== undefined && { target: { RetryPolicy: { MaximumRetryAttempts: policy } } }),
      ...(config !== undefined && { invokeConfig: { MaximumRetryAttempts: config } }),
    });
    expect(described?.targets).toMatchObject([{ maximumRetryAttempts: retries }]);
  });

  it.each([
    [{ rule: { EventPattern: { source: ['aws.s3'] } } }, 'EventPattern'],
    [{ rule: { ScheduleExpression: 'rate(1 minutes)' } }, 'must be minute for 1'],
    [{ target: { Arn: { 'Fn::GetAtt': ['Dead', 'Arn'] } } }, 'only functions are targets'],
    [{ target: { InputTransformer: {} } }, 'InputTransformer'],
    [{ target: { InputTransformer: { InputTemplate: '{"at":<at>}' } } }, 'uses <at>, which has no path'],
    [{ target: { InputPath: '$.time' } }, 'InputPath'],
  ])('is refused with what a laptop does not honour: %j', (given, reason) => {
    expect(() => describeOne(given)).toThrow(reason);
  });
});
