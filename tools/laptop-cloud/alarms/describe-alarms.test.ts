import { describe, expect, it } from 'vitest';
import { identifiedAssembly } from '../fixtures/identified-assembly.ts';
import { describeAlarms } from './describe-alarms.ts';

const errors = {
  AlarmName: 'worker-errors',
  AlarmDescription: 'It crashes.',
  Namespace: 'AWS/Lambda',
  MetricName: 'Errors',
  Dimensions: [{ Name: 'FunctionName', Value: 'worker' }],
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 3,
  DatapointsToAlarm: 2,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  TreatMissingData: 'notBreaching',
  AlarmActions: [{ Ref: 'Topic' }],
};
const topic = { Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'pages' } } };

function alarmsOf(properties: object, more: Record<string, { Type: string; Properties: object }> = {}) {
  const Properties = JSON.parse(JSON.stringify(properties));
  const resources = { ...topic, It: { Type: 'AWS::CloudWatch::Alarm', Properties }, ...more };
  return describeAlarms(identifiedAssembly(resources as Parameters<typeof identifiedAssembly>[0]));
}

const composite = (name: string, AlarmRule: string) => ({
  Type: 'AWS::CloudWatch::CompositeAlarm',
  Properties: { AlarmName: name, AlarmRule },
});

describe('an alarm of one metric', () => {
  it('is read with everything resolved', () => {
    expect(alarmsOf(errors)).toEqual([
      {
        kind: 'metric',
        name: 'worker-errors',
        arn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:worker-errors',
        description: 'It crashes.',
        actionsEnabled: true,
        actions: { ALARM: ['arn:aws:sns:us-east-1:000000000000:pages'], OK: [], INSUFFICIENT_DATA: [] },
        watched: {
          kind: 'metric',
          query: {
            metric: { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: 'worker' } },
            statistic: 'Sum',
          },
        },
        periodSeconds: 60,
        comparison: 'GreaterThanOrEqualToThreshold',
        threshold: 1,
        evaluationPeriods: 3,
        datapointsToAlarm: 2,
        treatMissingData: 'notBreaching',
        evaluatesLowSamples: true,
        notified: {
          Trigger: {
            MetricName: 'Errors',
            Namespace: 'AWS/Lambda',
            StatisticType: 'Statistic',
            Statistic: 'SUM',
            Unit: null,
            Dimensions: [{ value: 'worker', name: 'FunctionName' }],
            Period: 60,
            EvaluationPeriods: 3,
            DatapointsToAlarm: 2,
            ComparisonOperator: 'GreaterThanOrEqualToThreshold',
            Threshold: 1,
            TreatMissingData: 'notBreaching',
            EvaluateLowSampleCountPercentile: 'evaluate',
          },
        },
      },
    ]);
  });

  it('takes CloudWatch’s defaults, those for DynamoDB among them', () => {
    const bare = { ...errors, DatapointsToAlarm: undefined, TreatMissingData: undefined };
    expect(alarmsOf(bare)).toMatchObject([{ datapointsToAlarm: 3, treatMissingData: 'missing' }]);
    const tables = { ...bare, Namespace: 'AWS/DynamoDB', MetricName: 'SystemErrors' };
    expect(alarmsOf(tables)).toMatchObject([{ treatMissingData: 'ignore' }]);
    expect(alarmsOf({ ...tables, TreatMissingData: 'missing' })).toMatchObject([
      { treatMissingData: 'missing' },
    ]);
  });

  it('may be of a percentile, and of a metric that functions print', () => {
    const slow = {
      ...errors,
      Namespace: 'Celeriac',
      MetricName: 'Wait',
      Statistic: undefined,
      ExtendedStatistic: 'p99.9',
    };
    expect(alarmsOf(slow)).toMatchObject([{ watched: { query: { statistic: 'p99.9' } } }]);
  });

  it.each<[object, string]>([
    [{ MetricName: 'Postruntime' }, 'the laptop measures no AWS/Lambda Postruntime'],
    [{ Namespace: 'AWS/S3' }, 'the laptop measures no AWS/S3 Errors: add it to tools/laptop-cloud/metrics/'],
    [{ Period: 30 }, 'periods of whole minutes'],
    [{ Period: undefined }, 'it needs a Period'],
    [{ Statistic: undefined }, 'it needs Namespace, MetricName and Statistic'],
    [{ Statistic: undefined, ExtendedStatistic: 'tm99' }, 'percentiles p0 to p100'],
    [{ ComparisonOperator: 'LessThanLowerThreshold' }, 'anomaly detection'],
    [{ AlarmActions: ['arn:aws:automate:us-east-1:ec2:stop'] }, 'only topics are actions'],
    [{ Unit: 'Seconds' }, 'Unit'],
  ])('is refused with %j: %s', (changed, message) => {
    expect(() => alarmsOf({ ...errors, ...changed })).toThrow(message);
    expect(() => alarmsOf({ ...errors, ...changed })).toThrow('The alarm worker-errors cannot be evaluated');
  });
});

describe('an alarm of several metrics', () => {
  const stat = (Id: string, MetricName: string, Period = 300) => ({
    Id,
    MetricStat: {
      Metric: { Namespace: 'AWS/Lambda', MetricName, Dimensions: errors.Dimensions },
      Period,
      Stat: 'Sum',
    },
    ReturnData: false,
  });
  const math = (...Metrics: object[]) => {
    const { Namespace, MetricName, Dimensions, Statistic, Period, ...rest } = errors;
    return alarmsOf({ ...rest, Metrics });
  };
  const share = { Id: 'share', Expression: 'failed / FILL(all, 1)', Label: 'share' };

  it('is read with its expressions', () => {
    const [alarm] = math(share, stat('failed', 'Errors'), stat('all', 'Invocations'));
    expect(alarm).toMatchObject({ periodSeconds: 300, watched: { kind: 'math', result: 'share' } });
    expect(alarm?.notified).toMatchObject({
      Trigger: { Metrics: [{ Id: 'share' }, { Id: 'failed' }, { Id: 'all' }] },
    });
  });

  it.each<[string, object[], string]>([
    ['an id that is missing', [share, stat('failed', 'Errors')], 'the id all is not known'],
    ['two results', [share, { Id: 'more', Expression: 'share' }], 'one query, and no other, returns data'],
    [
      'a circle',
      [
        { Id: 'e1', Expression: 'e2 + 1', Period: 60 },
        { Id: 'e2', Expression: 'e1', ReturnData: false },
      ],
      'e1 is made of itself',
    ],
    ['no value', [{ Id: 'e1' }], 'e1 has neither Expression nor MetricStat'],
    ['a fault in the expression', [{ Id: 'e1', Expression: 'm1 +' }], 'does not fit there'],
    ['no series', [{ Id: 'e1', Expression: '1 + 1', Period: 60 }], 'gives one series'],
    [
      'periods that differ',
      [{ Id: 'e1', Expression: 'm1 + m2' }, stat('m1', 'Errors'), stat('m2', 'Errors', 60)],
      'the periods',
    ],
  ])('is refused with %s', (_case, metrics, message) => {
    expect(() => math(...metrics)).toThrow(message);
  });
});

describe('composite alarms', () => {
  it('come after those that they are made of, whatever their order', () => {
    const alarms = alarmsOf(errors, {
      Above: composite('above', 'ALARM("below") AND NOT OK("worker-errors")'),
      Below: composite('below', 'ALARM("arn:aws:cloudwatch:us-east-1:000000000000:alarm:worker-errors")'),
    });
    expect(alarms.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      'metric worker-errors',
      'composite below',
      'composite above',
    ]);
    expect(alarms[1]?.notified).toEqual({ AlarmRule: expect.stringContaining('alarm:worker-errors') });
  });

  it.each([
    ['ALARM("nobody")', 'The composite alarm it names nobody'],
    ['ALARM("it")', 'The composite alarm it names it'],
    ['worker-errors', 'an alarm rule has ALARM("…")'],
    ['ALARM("worker-errors"', 'does not fit there'],
  ])('are refused with the rule %s', (rule, message) => {
    expect(() => alarmsOf(errors, { Bad: composite('it', rule) })).toThrow(message);
  });
});
