import { ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiOf, type FixtureApi } from '../fixtures/api-of.ts';
import { type FixtureProject, makeProject } from '../fixtures/make-project.ts';
import { createQueueClient } from '../provision/aws-clients.ts';
import { type LaptopCloud, startLaptopCloud } from '../start-laptop-cloud.ts';

const pages = { Ref: 'Pages' };
const parked = {
  Namespace: 'AWS/SQS',
  MetricName: 'ApproximateNumberOfMessagesVisible',
  Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['Parked', 'QueueName'] } }],
  Statistic: 'Maximum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  TreatMissingData: 'notBreaching',
};
const alarm = (AlarmName: string, properties: object) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: { ...parked, AlarmName, AlarmDescription: `What ${AlarmName} means.`, ...properties },
});
const resources = {
  Pages: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'pages' } },
  Inbox: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'inbox' } },
  Key: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: {} } },
  Dashboard: { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardBody: '{}' } },
  PagesPolicy: { Type: 'AWS::SNS::TopicPolicy', Properties: { Topics: [pages], PolicyDocument: {} } },
  ToInbox: {
    Type: 'AWS::SNS::Subscription',
    Properties: {
      ...{ TopicArn: pages, Protocol: 'sqs', RawMessageDelivery: true },
      Endpoint: { 'Fn::GetAtt': ['Inbox', 'Arn'] },
    },
  },
  ToOperator: {
    Type: 'AWS::SNS::Subscription',
    Properties: { TopicArn: pages, Protocol: 'email', Endpoint: 'ops@example.com' },
  },
  Waiting: alarm('waiting', { AlarmActions: [pages], OKActions: [pages] }),
  Muted: alarm('muted', { AlarmActions: [pages], ActionsEnabled: false }),
  Slow: alarm('slow', {
    ...{ Namespace: 'AWS/Lambda', MetricName: 'Duration', Statistic: undefined, ExtendedStatistic: 'p50' },
    Dimensions: [{ Name: 'FunctionName', Value: { Ref: 'ApiFunction' } }],
    // A call may take less than the millisecond that the clock counts.
    Threshold: 0,
  }),
  Busy: alarm('busy', {
    ...Object.fromEntries(
      ['Namespace', 'MetricName', 'Dimensions', 'Statistic', 'Period'].map((name) => [name]),
    ),
    Threshold: 50,
    Metrics: [
      { Id: 'share', Expression: '100 * SUM([bad, bad]) / all' },
      ...[
        ['bad', '4xx'],
        ['all', 'Count'],
      ].map(([Id, MetricName]) => ({
        ...{ Id, ReturnData: false },
        MetricStat: {
          ...{ Period: 60, Stat: 'Sum' },
          Metric: {
            Namespace: 'AWS/ApiGateway',
            MetricName,
            Dimensions: [{ Name: 'ApiId', Value: { Ref: 'Api' } }],
          },
        },
      })),
    ],
  }),
  Counted: alarm('counted', {
    ...{ Namespace: 'Fixture', MetricName: 'Counted', Statistic: 'Sum', Threshold: 3 },
    Dimensions: [{ Name: 'queue', Value: 'main' }],
  }),
  Misused: alarm('misused', {
    ...{ Namespace: 'AWS/DynamoDB', MetricName: 'UserErrors', Statistic: 'Sum', Dimensions: [] },
  }),
  Any: {
    Type: 'AWS::CloudWatch::CompositeAlarm',
    Properties: {
      AlarmName: 'any',
      AlarmRule: {
        'Fn::Join': ['', ['ALARM("', { 'Fn::GetAtt': ['Waiting', 'Arn'] }, '") AND NOT OK(muted)']],
      },
      AlarmActions: [pages],
    },
  },
};

let project: FixtureProject;
let cloud: LaptopCloud;
let api: FixtureApi;
let sqs: SQSClient;
const lines: string[] = [];

beforeAll(async () => {
  project = makeProject();
  project.addResources(resources);
  cloud = await startLaptopCloud({ ...project, port: 0, log: (line) => lines.push(line) });
  api = apiOf(cloud.url);
  sqs = createQueueClient(cloud.sqsEndpoint);
  // Ten seconds into a minute, and each test moves on by whole ones: no story straddles two.
  await cloud.advance(70_000 - (cloud.clock.now() % 60_000));
});
afterAll(async () => {
  sqs.destroy();
  await cloud.stop();
  project.remove();
});

const stateOf = (name: string) => cloud.alarms().find((view) => view.name === name)?.state;

/** What subscribers of the topic have got since the last look. */
async function paged(): Promise<Record<string, unknown>[]> {
  const QueueUrl = `${cloud.queueUrlBase}/inbox`;
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 43_200 }),
  );
  return Messages.map(({ Body = '' }) => JSON.parse(Body) as Record<string, unknown>);
}

describe('an alarm that something brings about', () => {
  it('is told to the topic’s subscribers as CloudWatch tells it, and mails are printed', async () => {
    await api.send('parked', 'one');
    await cloud.advance(60_000);
    expect(stateOf('waiting')).toBe('ALARM');
    expect(stateOf('any')).toBe('ALARM');
    const [waiting, any, ...more] = await paged();
    expect(more).toEqual([]);
    const topic = 'arn:aws:sns:us-east-1:000000000000:pages';
    expect(waiting).toEqual({
      AlarmName: 'waiting',
      AlarmDescription: 'What waiting means.',
      AWSAccountId: '000000000000',
      NewStateValue: 'ALARM',
      NewStateReason: expect.stringContaining('Threshold Crossed: 1 out of the last 1 datapoint [1.0 ('),
      StateChangeTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:00\.000\+0000$/),
      Region: 'US East (N. Virginia)',
      AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:waiting',
      OldStateValue: 'OK',
      OKActions: [topic],
      AlarmActions: [topic],
      InsufficientDataActions: [],
      Trigger: expect.objectContaining({ MetricName: parked.MetricName, Statistic: 'MAXIMUM', Threshold: 1 }),
    });
    expect(any).toMatchObject({ AlarmName: 'any', NewStateValue: 'ALARM', AlarmRule: expect.any(String) });
    const mail = lines.find((line) =>
      line.startsWith('mail to ops@example.com: ALARM: "waiting" in US East'),
    );
    expect(mail).toContain('\nWhat waiting means.\nState change: OK -> ALARM at ');
  });

  it('tells nobody when its actions are off', () => {
    expect(stateOf('muted')).toBe('ALARM');
    expect(lines.filter((line) => line.includes('mail') && line.includes('muted'))).toEqual([]);
  });

  it('is told again when it is over', async () => {
    const QueueUrl = `${cloud.queueUrlBase}/Fixture-Parked`;
    await sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 3600 }));
    await cloud.advance(120_000);
    expect(await paged()).toMatchObject([
      { AlarmName: 'waiting', NewStateValue: 'OK', OldStateValue: 'ALARM' },
    ]);
    expect(stateOf('any')).toBe('OK');
  });
});

describe('alarms of percentiles and of several metrics', () => {
  it('follow what the functions and the API did in that minute', async () => {
    await api.get('/items/nothing');
    await api.get('/environment');
    await cloud.advance(60_000);
    expect([stateOf('slow'), stateOf('busy')]).toEqual(['ALARM', 'ALARM']);
    await api.get('/environment');
    await cloud.advance(60_000);
    expect([stateOf('slow'), stateOf('busy')]).toEqual(['ALARM', 'OK']);
  });
});

describe('an alarm of what functions print', () => {
  it('adds up the values of the embedded metric format', async () => {
    await api.send('queue', 'count');
    await cloud.settled();
    await cloud.advance(60_000);
    expect(stateOf('counted')).toBe('ALARM');
    await cloud.advance(180_000);
    expect(stateOf('counted')).toBe('OK');
  });
});

describe('an alarm of a table', () => {
  it('follows what DynamoDB answers to functions', async () => {
    await cloud.advance(60_000);
    expect(stateOf('misused')).toBe('OK');
    expect((await api.get(`/items/${'x'.repeat(3000)}`)).status).toBe(500);
    await cloud.advance(60_000);
    expect(stateOf('misused')).toBe('ALARM');
  });
});
