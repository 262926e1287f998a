import { describe, expect, it } from 'vitest';
import { permissionsOf } from './permissions.ts';
import { ofType, synthesise } from './synthesise.ts';

const stage = synthesise();
const permissions = permissionsOf(stage);

/** A function's permissions as readable lines, its own log group aside. */
function allowed(fn: string): string[] {
  return permissions
    .filter((permission) => permission.fn === fn && !permission.action.startsWith('logs:'))
    .map(({ action, resource }) => `${action} ${resource}`)
    .sort();
}

describe('what each function may do, and nothing else', () => {
  it('the API: store tasks, change them, list them, find failed ones, send hints, ask after the default queue and who reads it, have rasters looked at, hand out files', () => {
    expect(allowed('HttpApiFunction')).toEqual([
      'dynamodb:BatchGetItem PipelineTable.Arn',
      'dynamodb:DeleteItem ApplicationTable.Arn',
      'dynamodb:GetItem ApplicationTable.Arn',
      'dynamodb:GetItem PipelineTable.Arn',
      'dynamodb:PutItem ApplicationTable.Arn',
      'dynamodb:PutItem PipelineTable.Arn',
      'dynamodb:Query ApplicationTable.Arn',
      'dynamodb:Query PipelineTable.Arn/index/attention',
      'dynamodb:Query PipelineTable.Arn/index/timeline',
      'dynamodb:UpdateItem PipelineTable.Arn',
      'lambda:GetEventSourceMapping arn:AWS::Partition:lambda:AWS::Region:AWS::AccountId:event-source-mapping:DefaultWorkerFunctionDefaultQueue',
      'lambda:InvokeFunction GeoProcessingWorkerFunction.Arn',
      's3:AbortMultipartUpload FileBucket.Arn/originals/*',
      's3:DeleteObject FileBucket.Arn/originals/*',
      's3:DeleteObject FileBucket.Arn/results/*',
      's3:GetObject FileBucket.Arn/originals/*',
      's3:GetObject FileBucket.Arn/results/*',
      's3:GetObject PayloadBucket.Arn/payloads/*',
      's3:ListBucket FileBucket.Arn',
      's3:ListBucket PayloadBucket.Arn',
      's3:PutObject FileBucket.Arn/originals/*',
      's3:PutObject PayloadBucket.Arn/payloads/*',
      'sqs:GetQueueAttributes DefaultQueue.Arn',
      'sqs:SendMessage DefaultQueue.Arn',
      'sqs:SendMessage GeoProcessingQueue.Arn',
      'sqs:SendMessage PriorityQueue.Arn',
    ]);
  });

  it('the geo-raster worker: run tasks of its queue, read originals, store and remove results', () => {
    expect(allowed('GeoProcessingWorkerFunction')).toEqual([
      'dynamodb:GetItem ApplicationTable.Arn',
      'dynamodb:GetItem PipelineTable.Arn',
      'dynamodb:PutItem ApplicationTable.Arn',
      'dynamodb:PutItem PipelineTable.Arn',
      'dynamodb:UpdateItem PipelineTable.Arn',
      's3:AbortMultipartUpload FileBucket.Arn/results/*',
      's3:DeleteObject FileBucket.Arn/results/*',
      's3:GetObject FileBucket.Arn/originals/*',
      's3:GetObject PayloadBucket.Arn/payloads/*',
      's3:ListBucket FileBucket.Arn',
      's3:ListBucket PayloadBucket.Arn',
      's3:PutObject FileBucket.Arn/results/*',
      's3:PutObject PayloadBucket.Arn/payloads/*',
      'sqs:ChangeMessageVisibility GeoProcessingQueue.Arn',
      'sqs:DeleteMessage GeoProcessingQueue.Arn',
      'sqs:GetQueueAttributes GeoProcessingQueue.Arn',
      'sqs:ReceiveMessage GeoProcessingQueue.Arn',
      'sqs:SendMessage GeoProcessingQueueDeadLetters.Arn',
    ]);
  });

  it('the default worker: run tasks, end them, submit more, remove old payloads, read the Mapbox token', () => {
    expect(allowed('DefaultWorkerFunction')).toEqual([
      'dynamodb:ConditionCheckItem PipelineTable.Arn',
      'dynamodb:GetItem ApplicationTable.Arn',
      'dynamodb:GetItem PipelineTable.Arn',
      'dynamodb:PutItem ApplicationTable.Arn',
      'dynamodb:PutItem PipelineTable.Arn',
      'dynamodb:Query PipelineTable.Arn',
      'dynamodb:UpdateItem ApplicationTable.Arn',
      'dynamodb:UpdateItem PipelineTable.Arn',
      's3:DeleteObject PayloadBucket.Arn/payloads/*',
      's3:GetObject PayloadBucket.Arn/payloads/*',
      's3:ListBucket PayloadBucket.Arn',
      's3:PutObject PayloadBucket.Arn/payloads/*',
      'sqs:ChangeMessageVisibility DefaultQueue.Arn',
      'sqs:ChangeMessageVisibility PriorityQueue.Arn',
      'sqs:DeleteMessage DefaultQueue.Arn',
      'sqs:DeleteMessage PriorityQueue.Arn',
      'sqs:GetQueueAttributes DefaultQueue.Arn',
      'sqs:GetQueueAttributes PriorityQueue.Arn',
      'sqs:ReceiveMessage DefaultQueue.Arn',
      'sqs:ReceiveMessage PriorityQueue.Arn',
      'sqs:SendMessage DefaultQueue.Arn',
      'sqs:SendMessage DefaultQueueDeadLetters.Arn',
      'sqs:SendMessage PriorityQueue.Arn',
      'sqs:SendMessage PriorityQueueDeadLetters.Arn',
      'ssm:GetParameter arn:AWS::Partition:ssm:AWS::Region:AWS::AccountId:parameter/celeriac/dev/mapbox-token',
    ]);
  });

  it('the beat: create tasks, look who has their lock, send hints, leave behind what it failed on', () => {
    expect(allowed('BeatFunction')).toEqual([
      'dynamodb:GetItem PipelineTable.Arn',
      'dynamodb:PutItem PipelineTable.Arn',
      'sqs:SendMessage DefaultQueue.Arn',
      'sqs:SendMessage UndeliveredEventsQueue.Arn',
    ]);
  });

  it('the reconciler: find tasks, move them on, send hints and dead letters, remove superseded letters', () => {
    expect(allowed('ReconcilerFunction')).toEqual([
      'dynamodb:GetItem PipelineTable.Arn',
      'dynamodb:Query PipelineTable.Arn/index/attention',
      'dynamodb:UpdateItem PipelineTable.Arn',
      'sqs:ChangeMessageVisibility DefaultQueueDeadLetters.Arn',
      'sqs:ChangeMessageVisibility GeoProcessingQueueDeadLetters.Arn',
      'sqs:ChangeMessageVisibility PriorityQueueDeadLetters.Arn',
      'sqs:DeleteMessage DefaultQueueDeadLetters.Arn',
      'sqs:DeleteMessage GeoProcessingQueueDeadLetters.Arn',
      'sqs:DeleteMessage PriorityQueueDeadLetters.Arn',
      'sqs:ReceiveMessage DefaultQueueDeadLetters.Arn',
      'sqs:ReceiveMessage GeoProcessingQueueDeadLetters.Arn',
      'sqs:ReceiveMessage PriorityQueueDeadLetters.Arn',
      'sqs:SendMessage DefaultQueue.Arn',
      'sqs:SendMessage DefaultQueueDeadLetters.Arn',
      'sqs:SendMessage GeoProcessingQueue.Arn',
      'sqs:SendMessage GeoProcessingQueueDeadLetters.Arn',
      'sqs:SendMessage PriorityQueue.Arn',
      'sqs:SendMessage PriorityQueueDeadLetters.Arn',
    ]);
  });

  it('every function: write to its own log group', () => {
    for (const { name } of ofType(stage, 'AWS::Lambda::Function')) {
      const own = `${name}Logs.Arn`;
      const logging = permissions.filter(({ fn, action }) => fn === name && action.startsWith('logs:'));
      expect(logging).toEqual([
        { fn: name, action: 'logs:CreateLogStream', resource: own },
        { fn: name, action: 'logs:PutLogEvents', resource: own },
      ]);
    }
  });
});

describe('wildcards', () => {
  /**
   * Which keys payloads and files will have is not known when the template is made. (The Arn of a log group ends in `:*` too:
   * its streams, which Lambda names.)
   */
  const unavoidable = [
    'FileBucket.Arn/originals/*',
    'FileBucket.Arn/results/*',
    'PayloadBucket.Arn/payloads/*',
  ];

  it('appear in no action', () => {
    expect(permissions.filter(({ action }) => action.includes('*'))).toEqual([]);
  });

  it('appear in no resource but the unavoidable ones', () => {
    const wide = permissions.filter(({ resource }) => resource.includes('*'));
    expect([...new Set(wide.map(({ resource }) => resource))].sort()).toEqual(unavoidable);
  });

  it('are where X-Ray is on, for it has no resources: two actions more for each function, on all there is', () => {
    const traced = permissionsOf(synthesise('prod')).filter(({ resource }) => resource === '*');
    const functions = ofType(stage, 'AWS::Lambda::Function').map(({ name }) => name);
    expect(traced.map(({ fn, action }) => `${fn} ${action}`).sort()).toEqual(
      functions.flatMap((fn) => [`${fn} xray:PutTelemetryRecords`, `${fn} xray:PutTraceSegments`]).sort(),
    );
  });

  it('come with no managed policy either', () => {
    for (const { properties } of ofType(stage, 'AWS::IAM::Role')) {
      expect(properties).not.toHaveProperty('ManagedPolicyArns');
      expect(properties).not.toHaveProperty('Policies');
    }
  });
});

it('lets nobody else into a queue or bucket: their own policies only deny, but for events nobody could be given', () => {
  for (const type of ['AWS::SQS::QueuePolicy', 'AWS::S3::BucketPolicy']) {
    for (const { properties } of ofType(stage, type).filter(
      ({ name }) => name !== 'UndeliveredEventsQueuePolicy',
    )) {
      expect(properties['PolicyDocument']).toMatchObject({
        Statement: [{ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
      });
    }
  }
});
