import { expect, it } from 'vitest';
import * as z from 'zod';
import { named, synthesise } from './synthesise.ts';

const stage = synthesise();

it('runs every minute, once, whatever becomes of the run', () => {
  const { properties } = named(stage, 'AWS::Events::Rule', 'ReconcilerEveryMinute');
  expect(properties).toMatchObject({
    ScheduleExpression: 'rate(1 minute)',
    State: 'ENABLED',
    Targets: [
      {
        Arn: 'ReconcilerFunction.Arn',
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
        DeadLetterConfig: { Arn: 'UndeliveredEventsQueue.Arn' },
      },
    ],
  });
  const invocation = named(stage, 'AWS::Lambda::EventInvokeConfig', 'ReconcilerFunctionEventInvokeConfig');
  expect(invocation.properties).toEqual({
    FunctionName: 'ReconcilerFunction',
    Qualifier: '$LATEST',
    MaximumRetryAttempts: 0,
    MaximumEventAgeInSeconds: 60,
  });
});

it('ends before the next run begins, without reserving concurrency', () => {
  const { properties } = named(stage, 'AWS::Lambda::Function', 'ReconcilerFunction');
  expect(z.number().parse(properties['Timeout'])).toBeLessThan(60);
  expect(properties).not.toHaveProperty('ReservedConcurrentExecutions');
});
