import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ofType, type SynthesisedResource, synthesise } from './synthesise.ts';

const stage = synthesise();
const alarms = ofType(stage, 'AWS::CloudWatch::Alarm').map(({ properties }) =>
  z
    .looseObject({
      AlarmName: z.string(),
      AlarmDescription: z.string(),
      Namespace: z.string(),
      MetricName: z.string(),
      Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })),
      TreatMissingData: z.string(),
    })
    .parse(properties),
);

const queues = ofType(stage, 'AWS::SQS::Queue');
const isDeadLetters = ({ name }: SynthesisedResource) => name.endsWith('DeadLetters');

function alarmOn(metric: string, of: string) {
  const found = alarms.filter(
    ({ MetricName, Dimensions }) => MetricName === metric && Dimensions.some(({ Value }) => Value === of),
  );
  expect(found).toHaveLength(1);
  return found[0];
}

it.each(queues.filter(isDeadLetters))('tells of the first letter in $name', ({ name }) => {
  expect(alarmOn('ApproximateNumberOfMessagesVisible', `${name}.QueueName`)).toMatchObject({
    Statistic: 'Maximum',
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    Threshold: 1,
    Period: 60,
    DatapointsToAlarm: 1,
    EvaluationPeriods: 1,
    TreatMissingData: 'notBreaching',
  });
});

it.each(queues.filter((queue) => !isDeadLetters(queue)))(
  'tells when $name is not kept up with',
  ({ name }) => {
    expect(alarmOn('ApproximateAgeOfOldestMessage', `${name}.QueueName`)).toMatchObject({
      Statistic: 'Maximum',
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: 1800,
      Period: 60,
      DatapointsToAlarm: 2,
      EvaluationPeriods: 3,
      TreatMissingData: 'notBreaching',
    });
  },
);

it.each(ofType(stage, 'AWS::Lambda::Function'))('tells when $name keeps crashing', ({ name }) => {
  expect(alarmOn('Errors', name)).toMatchObject({
    Statistic: 'Sum',
    Threshold: 1,
    DatapointsToAlarm: 2,
    EvaluationPeriods: 3,
    TreatMissingData: 'notBreaching',
  });
});

it('tells when the reconciler does not run at all', () => {
  expect(alarmOn('Invocations', 'ReconcilerFunction')).toMatchObject({
    ComparisonOperator: 'LessThanThreshold',
    Threshold: 1,
    Period: 60,
    EvaluationPeriods: 5,
    TreatMissingData: 'breaching',
  });
});

describe('every alarm', () => {
  it('has a name of its own and points at the heading of the same name in the runbook', () => {
    const names = alarms.map(({ AlarmName }) => AlarmName);
    expect(new Set(names).size).toBe(names.length);
    for (const { AlarmName, AlarmDescription } of alarms) {
      expect(AlarmName).toMatch(/^celeriac-dev-/);
      expect(AlarmDescription).toContain(`docs/runbook.md, "${AlarmName.replace('celeriac-dev-', '')}"`);
    }
  });

  it('stays within the ten that CloudWatch gives for free', () => {
    expect(alarms.length).toBeLessThanOrEqual(10);
  });
});
