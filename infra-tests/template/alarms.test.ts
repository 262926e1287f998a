import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { stageAlarm } from '#cdk/constructs/stage-alarm.ts';
import { readStage } from '#cdk/stages.ts';
import { type AlarmInWords, alarmsInWords } from './alarm-words.ts';
import { named, ofType, synthesise, temporaryOutput } from './synthesise.ts';

const prod = synthesise('prod');
const alarms = alarmsInWords(prod, 'prod');
const settings = (all: readonly AlarmInWords[]) =>
  Object.fromEntries(all.map(({ name, watches, on }) => [name, [...watches, on]]));

const letters = (queue: string) => [
  `AWS/SQS ApproximateNumberOfMessagesVisible QueueName=${queue}.QueueName Maximum/60s`,
  'it >= 1 in 1 of 1, no data: notBreaching',
];
const age = (queue: string) => [
  `AWS/SQS ApproximateAgeOfOldestMessage QueueName=${queue}.QueueName Maximum/60s`,
  'it >= 1800 in 2 of 3, no data: notBreaching',
];
/** Within three minutes, and twice the longest that an invocation takes before its error is told. */
const errors = (fn: string, minutes = 3) => [
  `AWS/Lambda Errors FunctionName=${fn} Sum/60s`,
  `it >= 1 in 2 of ${minutes}, no data: notBreaching`,
];
const throttled = (id: number, place: string) => [
  `m${id}: AWS/DynamoDB ReadThrottleEvents ${place} Sum/60s`,
  `m${id + 1}: AWS/DynamoDB WriteThrottleEvents ${place} Sum/60s`,
];

const sumOf = (metrics: number) =>
  `SUM([${Array.from({ length: metrics }, (_, index) => `FILL(m${index + 1}, 0)`).join(', ')}])`;

/** Every alarm of prod: what it watches, and when it is on. */
const expected: Readonly<Record<string, readonly string[]>> = {
  'default-dead-letters': letters('DefaultQueueDeadLetters'),
  'priority-dead-letters': letters('PriorityQueueDeadLetters'),
  'geo_processing-dead-letters': letters('GeoProcessingQueueDeadLetters'),
  'rule-dead-letters': letters('UndeliveredEventsQueue'),
  'default-age': age('DefaultQueue'),
  'priority-age': age('PriorityQueue'),
  'geo_processing-age': age('GeoProcessingQueue'),
  'api-errors': errors('HttpApiFunction'),
  'beat-errors': errors('BeatFunction'),
  'reconciler-errors': errors('ReconcilerFunction'),
  'default-worker-errors': errors('DefaultWorkerFunction', 3 + 2 * 5),
  'geo-processing-worker-errors': errors('GeoProcessingWorkerFunction', 3 + 2 * 15),
  'default-worker-concurrency': [
    'AWS/Lambda ConcurrentExecutions FunctionName=DefaultWorkerFunction Maximum/60s',
    'it >= 54 in 15 of 15, no data: notBreaching',
  ],
  'geo-processing-worker-concurrency': [
    'AWS/Lambda ConcurrentExecutions FunctionName=GeoProcessingWorkerFunction Maximum/60s',
    'it >= 2 in 15 of 15, no data: notBreaching',
  ],
  'default-worker-duration': [
    'AWS/Lambda Duration FunctionName=DefaultWorkerFunction Maximum/300s',
    'it >= 297000 in 2 of 5, no data: notBreaching',
  ],
  'geo-processing-worker-duration': [
    'AWS/Lambda Duration FunctionName=GeoProcessingWorkerFunction Maximum/300s',
    'it >= 810000 in 2 of 9, no data: notBreaching',
  ],
  'reconciler-silent': [
    'AWS/Lambda Invocations FunctionName=ReconcilerFunction Sum/60s',
    'it < 1 in 5 of 5, no data: breaching',
  ],
  'oldest-unfinished-task': [
    'Celeriac OldestUnfinishedTask stage=prod Maximum/60s',
    'it >= 900 in 2 of 3, no data: ignore',
  ],
  'missed-schedules': [
    'Celeriac MissedSchedules stage=prod Maximum/60s',
    'it >= 1 in 1 of 1, no data: notBreaching',
  ],
  'messages-kept': ['Celeriac MessagesKept stage=prod Sum/60s', 'it >= 1 in 2 of 3, no data: notBreaching'],
  'task-failures': [
    'failed: Celeriac TasksFailed stage=prod Sum/300s',
    'succeeded: Celeriac TasksSucceeded stage=prod Sum/300s',
    'FILL(failed, 0) - 0.1 * (FILL(failed, 0) + FILL(succeeded, 0)) >= 5 in 1 of 1, no data: notBreaching',
  ],
  'api-5xx': ['AWS/ApiGateway 5xx ApiId=HttpApi Sum/300s', 'it >= 5 in 1 of 1, no data: notBreaching'],
  'api-latency': [
    'AWS/ApiGateway Latency ApiId=HttpApi p99/300s',
    'it >= 5000 in 3 of 3, no data: notBreaching',
  ],
  throttles: [
    ...['DefaultWorker', 'GeoProcessingWorker', 'HttpApi', 'Reconciler', 'Beat'].map(
      (fn, index) => `m${index + 1}: AWS/Lambda Throttles FunctionName=${fn}Function Sum/60s`,
    ),
    `${sumOf(5)} >= 5 in 2 of 3, no data: notBreaching`,
  ],
  'rule-failures': [
    'm1: AWS/Events FailedInvocations RuleName=ReconcilerEveryMinute Sum/60s',
    'm2: AWS/Events FailedInvocations RuleName=Schedulescleanupoldresults Sum/60s',
    `${sumOf(2)} >= 1 in 1 of 3, no data: notBreaching`,
  ],
  'dynamodb-throttles': [
    ...throttled(1, 'TableName=PipelineTable'),
    ...throttled(3, 'GlobalSecondaryIndexName=attention TableName=PipelineTable'),
    ...throttled(5, 'GlobalSecondaryIndexName=timeline TableName=PipelineTable'),
    ...throttled(7, 'TableName=ApplicationTable'),
    `${sumOf(8)} >= 20 in 2 of 3, no data: notBreaching`,
  ],
  'dynamodb-system-errors': [
    ...['GetItem', 'PutItem', 'UpdateItem', 'Query'].map(
      (operation, index) =>
        `m${index + 1}: AWS/DynamoDB SystemErrors Operation=${operation} TableName=PipelineTable Sum/60s`,
    ),
    `${sumOf(4)} >= 5 in 2 of 3, no data: notBreaching`,
  ],
};

it('watches this in prod, and nothing else', () => {
  expect(settings(alarms)).toEqual(expected);
});

it('is more patient in staging, and watches the same', () => {
  const staging = settings(alarmsInWords(synthesise('staging'), 'staging'));
  expect(Object.keys(staging)).toEqual(Object.keys(settings(alarms)));
  const differing = Object.entries(staging)
    .map(([name, words]) => [name, words.at(-1)] as const)
    .filter(([name, on]) => on !== expected[name]?.at(-1));
  expect(Object.fromEntries(differing)).toEqual({
    'oldest-unfinished-task': 'it >= 1800 in 2 of 3, no data: ignore',
    'messages-kept': 'it >= 5 in 2 of 3, no data: notBreaching',
    'task-failures':
      'FILL(failed, 0) - 0.25 * (FILL(failed, 0) + FILL(succeeded, 0)) >= 5 in 1 of 1, no data: notBreaching',
    'api-latency': 'it >= 10000 in 3 of 3, no data: notBreaching',
    throttles: `${sumOf(5)} >= 10 in 2 of 3, no data: notBreaching`,
    'dynamodb-throttles': `${sumOf(8)} >= 100 in 2 of 3, no data: notBreaching`,
  });
});

describe('dev', () => {
  it('has the ten that tell when tasks are lost or stand still', () => {
    const names = alarmsInWords(synthesise('dev'), 'dev').map(({ name }) => name);
    expect(names.sort()).toEqual([
      ...['api-5xx', 'default-dead-letters', 'default-worker-errors', 'geo-processing-worker-errors'],
      ...['geo_processing-dead-letters', 'missed-schedules', 'oldest-unfinished-task'],
      ...['priority-dead-letters', 'reconciler-errors', 'reconciler-silent'],
    ]);
  });

  it('has all when it is told so', () => {
    const all = alarmsInWords(synthesise('dev', { alarms: 'all' }), 'dev').map(({ name }) => name);
    expect(all).toEqual(alarms.map(({ name }) => name));
  });
});

describe('what comes with a new queue, function or rule', () => {
  const watched = alarms.flatMap(({ watches }) => watches).join('\n');

  it('every queue is watched for dead letters, and every one that is read for its age', () => {
    const read = ofType(prod, 'AWS::Lambda::EventSourceMapping').map(({ properties }) =>
      z.string().parse(properties['EventSourceArn']).replace('.Arn', ''),
    );
    for (const { name } of ofType(prod, 'AWS::SQS::Queue')) {
      const metric = read.includes(name)
        ? 'ApproximateAgeOfOldestMessage'
        : 'ApproximateNumberOfMessagesVisible';
      expect(watched).toContain(`AWS/SQS ${metric} QueueName=${name}.QueueName`);
    }
  });

  it('every function is watched for crashes and throttles', () => {
    for (const { name } of ofType(prod, 'AWS::Lambda::Function')) {
      expect(watched).toContain(`AWS/Lambda Errors FunctionName=${name} `);
      expect(watched).toContain(`AWS/Lambda Throttles FunctionName=${name} `);
    }
  });

  it('every rule is watched for failures', () => {
    for (const { name } of ofType(prod, 'AWS::Events::Rule')) {
      expect(watched).toContain(`AWS/Events FailedInvocations RuleName=${name} `);
    }
  });

  it('every table and index is watched for throttles', () => {
    const indexes = z.array(z.object({ IndexName: z.string() })).default([]);
    for (const { name, properties } of ofType(prod, 'AWS::DynamoDB::Table')) {
      expect(watched).toContain(`WriteThrottleEvents TableName=${name} `);
      for (const { IndexName } of indexes.parse(properties['GlobalSecondaryIndexes'])) {
        expect(watched).toContain(
          `WriteThrottleEvents GlobalSecondaryIndexName=${IndexName} TableName=${name} `,
        );
      }
    }
  });
});

describe('pipeline-unhealthy', () => {
  it('is on while any alarm is that means that tasks do not get done', () => {
    const { properties } = named(prod, 'AWS::CloudWatch::CompositeAlarm', 'PipelineHealthAlarm');
    expect(properties['AlarmName']).toBe('celeriac-prod-pipeline-unhealthy');
    const rule = z.string().parse(properties['AlarmRule']);
    const parts = rule.slice(1, -1).split(' OR ');
    expect(parts.map((part) => part.replace(/^ALARM\("(\w+)Alarm\.Arn"\)$/, '$1')).sort()).toEqual([
      ...['DefaultQueueAge', 'DefaultWorkerFunctionErrors', 'GeoProcessingQueueAge'],
      ...['GeoProcessingWorkerFunctionErrors', 'PipelineAlarmsMessagesKept', 'PriorityQueueAge'],
      ...['ReconcilerFunctionErrors', 'ReconcilerMissedSchedules', 'ReconcilerOldestUnfinishedTask'],
      ...['ReconcilerSilent', 'TableAlarmsSystemErrors'],
    ]);
  });
});

describe('what plays AWS', () => {
  const emulated = synthesise('prod', { emulator: 'ministack' });

  it('is given no alarm over several metrics or other alarms, and no dashboard', () => {
    const computed = Object.entries(expected).filter(([, words]) => !words.at(-1)?.startsWith('it '));
    expect(computed.map(([name]) => name).sort()).toEqual([
      ...['dynamodb-system-errors', 'dynamodb-throttles', 'rule-failures', 'task-failures', 'throttles'],
    ]);
    const left = Object.keys(expected).filter((name) => !computed.some(([each]) => each === name));
    expect(Object.keys(settings(alarmsInWords(emulated, 'prod'))).sort()).toEqual(left.sort());
    const types = new Set(emulated.resources.map(({ type }) => type));
    expect(types).not.toContain('AWS::CloudWatch::CompositeAlarm');
    expect(types).not.toContain('AWS::CloudWatch::Dashboard');
  });
});

it('does not watch the latency of requests that wait for their task', () => {
  const inline = alarmsInWords(synthesise('prod', { executionMode: 'inline' }), 'prod');
  expect(Object.keys(settings(inline))).toEqual(
    alarms.map(({ name }) => name).filter((name) => name !== 'api-latency'),
  );
});

describe('an alarm over more metrics than CloudWatch takes in one', () => {
  function alarmsOver(metrics: number) {
    using output = temporaryOutput();
    const stack = new Stack(new App({ outdir: output.outdir }), 'Stack');
    stageAlarm(stack, 'Alarm', {
      ...{ stage: readStage({ stage: 'prod' }), name: 'many', meaning: 'Any.', look: 'https://example.com' },
      metric: Array.from(
        { length: metrics },
        (_, index) => new Metric({ namespace: 'Any', metricName: `Metric${index}` }),
      ),
      from: 1,
      periods: { breaching: 1, of: 1 },
    });
    const found = Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm');
    return Object.values(found).map(({ Properties: each }) => [
      ...[each.AlarmName, each.Metrics.length - 1, each.AlarmDescription],
    ]);
  }

  it('is several, which share their section of the runbook', () => {
    expect(alarmsOver(12)).toEqual([
      ['celeriac-prod-many', 10, expect.stringContaining('"many"')],
      ['celeriac-prod-many-2', 2, expect.stringContaining('"many"')],
    ]);
  });

  it('is refused without any', () => {
    expect(() => alarmsOver(0)).toThrow('needs a metric');
  });
});
