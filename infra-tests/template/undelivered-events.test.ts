import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { named, ofType, synthesise } from './synthesise.ts';

const stage = synthesise();
const queue = 'UndeliveredEventsQueue.Arn';

describe('an event that came to nothing', () => {
  it('is kept for two weeks, the longest that SQS can', () => {
    expect(named(stage, 'AWS::SQS::Queue', 'UndeliveredEventsQueue').properties).toMatchObject({
      MessageRetentionPeriod: 14 * 24 * 3600,
    });
  });

  it('has a place to go, whichever rule and target it was for', () => {
    for (const { properties } of ofType(stage, 'AWS::Events::Rule')) {
      const targets = z.array(z.looseObject({ DeadLetterConfig: z.unknown() })).parse(properties['Targets']);
      expect(targets.map(({ DeadLetterConfig }) => DeadLetterConfig)).toEqual([{ Arn: queue }]);
    }
  });

  it('is let in from these rules, and from no other of the account', () => {
    const { properties } = named(stage, 'AWS::SQS::QueuePolicy', 'UndeliveredEventsQueuePolicy');
    const { Statement } = z
      .object({ Statement: z.array(z.looseObject({ Effect: z.string() })) })
      .parse(properties['PolicyDocument']);
    const allowed = Statement.filter(({ Effect }) => Effect === 'Allow');
    const entry = {
      Action: 'sqs:SendMessage',
      Principal: { Service: 'events.amazonaws.com' },
      Resource: queue,
    };
    expect(allowed).toEqual([
      expect.objectContaining({
        ...entry,
        Condition: { ArnEquals: { 'aws:SourceArn': 'ReconcilerEveryMinute.Arn' } },
      }),
      expect.objectContaining({
        ...entry,
        Condition: {
          ArnLike: {
            'aws:SourceArn': 'arn:AWS::Partition:events:AWS::Region:AWS::AccountId:rule/celeriac-dev-*',
          },
        },
      }),
    ]);
    expect(Statement).toHaveLength(3);
  });

  it('is left there by Lambda too, when every run of the beat failed on it', () => {
    expect(
      named(stage, 'AWS::Lambda::EventInvokeConfig', 'BeatFunctionEventInvokeConfig').properties,
    ).toEqual({
      FunctionName: 'BeatFunction',
      Qualifier: '$LATEST',
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: queue } },
    });
  });
});
