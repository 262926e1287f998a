/** What CDK itself writes is read, named and resolved: the one place where its real output meets this code. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  App,
  Aws,
  aws_dynamodb,
  aws_events,
  aws_lambda,
  aws_logs,
  aws_s3,
  aws_sqs,
  CfnOutput,
  Duration,
  Stack,
} from 'aws-cdk-lib';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeFunctions } from '../functions/describe-functions.ts';
import { type IdentifiedAssembly, identifyResources } from '../provision/identify-resources.ts';
import { refuseUnknownTypes } from './known-types.ts';
import { type Assembly, readAssembly } from './read-assembly.ts';

let folder: string;
let assembly: Assembly;
let identified: IdentifiedAssembly;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'celeriac-cdk-'));
  writeFileSync(join(folder, 'index.js'), 'exports.handler = async () => "ran"');
  const app = new App({ outdir: join(folder, 'cdk.out') });

  const data = new Stack(app, 'data');
  const dead = new aws_sqs.Queue(data, 'Dead', { retentionPeriod: Duration.days(14), enforceSSL: true });
  const work = new aws_sqs.Queue(data, 'Work', {
    queueName: 'work',
    visibilityTimeout: Duration.seconds(60),
    deadLetterQueue: { queue: dead, maxReceiveCount: 1000 },
  });
  const payloads = new aws_s3.Bucket(data, 'Payloads', {
    bucketName: `payloads-${Aws.ACCOUNT_ID}`,
    enforceSSL: true,
  });
  const tasks = new aws_dynamodb.TableV2(data, 'Tasks', {
    partitionKey: { name: 'pk', type: aws_dynamodb.AttributeType.STRING },
    timeToLiveAttribute: 'ttl',
  });

  const compute = new Stack(app, 'compute');
  const fn = new aws_lambda.Function(compute, 'Worker', {
    code: aws_lambda.Code.fromAsset(folder, { exclude: ['cdk.out'] }),
    handler: 'index.handler',
    runtime: aws_lambda.Runtime.NODEJS_24_X,
    architecture: aws_lambda.Architecture.ARM_64,
    timeout: Duration.seconds(330),
    memorySize: 512,
    environment: {
      QUEUE: work.queueUrl,
      BUCKET: payloads.bucketName,
      TABLE: tasks.tableName,
      DEAD: dead.queueArn,
    },
  });
  new aws_logs.LogGroup(compute, 'Logs', { logGroupName: `/aws/lambda/${fn.functionName}` });
  work.grantSendMessages(fn);
  fn.addEventSource(new SqsEventSource(work, { reportBatchItemFailures: true, maxConcurrency: 2 }));
  new aws_events.Rule(compute, 'Minute', {
    schedule: aws_events.Schedule.rate(Duration.minutes(1)),
    targets: [new LambdaFunction(fn, { retryAttempts: 0 })],
  });
  const api = new HttpApi(compute, 'Api');
  api.addRoutes({
    path: '/tasks',
    methods: [HttpMethod.GET],
    integration: new HttpLambdaIntegration('Fn', fn),
  });
  new CfnOutput(compute, 'ApiUrl', { value: api.apiEndpoint });
  app.synth();

  assembly = readAssembly(join(folder, 'cdk.out'));
  identified = identifyResources(assembly, { queues: 'http://127.0.0.1:9', api: 'http://127.0.0.1:8' });
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

it('has only types that the laptop knows', () => {
  refuseUnknownTypes(assembly.resources);
  expect(assembly.stacks.map(({ name }) => name)).toEqual(['data', 'compute']);
});

it('gives queues, buckets and tables their names', () => {
  expect(
    identified
      .resources('AWS::SQS::Queue', 'AWS::S3::Bucket', 'AWS::DynamoDB::GlobalTable')
      .map(({ name }) => name),
  ).toEqual([
    expect.stringMatching(/^data-Dead[0-9A-F]{8}$/),
    'work',
    'payloads-000000000000',
    expect.stringMatching(/^data-Tasks[0-9A-F]{8}$/),
  ]);
  const work = identified.resources('AWS::SQS::Queue').find(({ name }) => name === 'work');
  expect(work?.properties['RedrivePolicy']).toEqual({
    deadLetterTargetArn: expect.stringMatching(/^arn:aws:sqs:us-east-1:000000000000:data-Dead[0-9A-F]{8}$/),
    maxReceiveCount: 1000,
  });
});

it('describes the function, its environment resolved across stacks', () => {
  const [spec, ...others] = describeFunctions(assembly, identified.resources('AWS::Lambda::Function'));
  expect(others).toEqual([]);
  expect(spec).toEqual({
    name: expect.stringMatching(/^compute-Worker[0-9A-F]{8}$/),
    codeDir: expect.stringMatching(/cdk\.out\/asset\.[0-9a-f]{64}$/),
    handler: 'index.handler',
    environment: {
      QUEUE: 'http://127.0.0.1:9/000000000000/work',
      BUCKET: 'payloads-000000000000',
      TABLE: expect.stringMatching(/^data-Tasks[0-9A-F]{8}$/),
      DEAD: expect.stringMatching(/^arn:aws:sqs:us-east-1:000000000000:data-Dead[0-9A-F]{8}$/),
    },
    timeoutSeconds: 330,
    memoryMb: 512,
  });
});

it('resolves every property of every resource, and the outputs', () => {
  const types = new Set(assembly.resources.map(({ type }) => type));
  const resolved = identified.resources(...types);
  expect(resolved).toHaveLength(assembly.resources.length);
  expect(JSON.stringify(resolved)).not.toMatch(/"Fn::|"Ref"/);
  expect(identified.resolver.outputs('compute')).toEqual({ ApiUrl: 'http://127.0.0.1:8' });
  const [logs] = identified.resources('AWS::Logs::LogGroup');
  expect(logs?.name).toMatch(/^\/aws\/lambda\/compute-Worker/);
});
