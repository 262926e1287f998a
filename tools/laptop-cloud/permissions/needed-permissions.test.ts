import { describe, expect, it } from 'vitest';
import { accessKeyOf } from './access-key.ts';
import { controlPermissions } from './control-permissions.ts';
import { dynamodbPermissions } from './dynamodb-permissions.ts';
import type { NeededPermission } from './judge.ts';
import { removesSeveral, s3Permissions } from './s3-permissions.ts';
import { sqsPermissions } from './sqs-permissions.ts';

/** Action and resource in a line, the account's part of the ARN left out. */
const lines = (needed: NeededPermission[] | null) =>
  needed?.map(({ action, resource }) => `${action} ${resource.replace(/^arn:aws:\w+:[^:]*:\d*:/, '')}`) ??
  null;

describe('DynamoDB', () => {
  const TableName = 'Tasks';
  it.each([
    ['GetItem', { TableName }, ['dynamodb:GetItem table/Tasks']],
    ['PutItem', { TableName: 'arn:aws:dynamodb:us-east-1:1:table/T' }, ['dynamodb:PutItem table/T']],
    ['Query', { TableName }, ['dynamodb:Query table/Tasks']],
    ['Query', { TableName, IndexName: 'due' }, ['dynamodb:Query table/Tasks/index/due']],
    ['Scan', { TableName, IndexName: 'due' }, ['dynamodb:Scan table/Tasks/index/due']],
    [
      'BatchGetItem',
      { RequestItems: { A: {}, B: {} } },
      ['dynamodb:BatchGetItem table/A', 'dynamodb:BatchGetItem table/B'],
    ],
    [
      'TransactWriteItems',
      {
        TransactItems: [
          { Put: { TableName: 'A' } },
          { Update: { TableName: 'B' } },
          { Delete: { TableName: 'A' } },
          { ConditionCheck: { TableName: 'C' } },
        ],
      },
      [
        'dynamodb:PutItem table/A',
        'dynamodb:UpdateItem table/B',
        'dynamodb:DeleteItem table/A',
        'dynamodb:ConditionCheckItem table/C',
      ],
    ],
    ['TransactGetItems', { TransactItems: [{ Get: { TableName: 'A' } }] }, ['dynamodb:GetItem table/A']],
    ['ExecuteStatement', { Statement: 'SELECT * FROM A' }, null],
    ['DeleteTable', { TableName }, null],
  ])('%s of %j', (operation, request, needed) => {
    expect(lines(dynamodbPermissions(operation, request))).toEqual(needed);
  });

  it('is not guessed at when a request names no table, or a kind of item that is not known', () => {
    expect(() => dynamodbPermissions('GetItem', {})).toThrow('TableName');
    const unknown = { TransactItems: [{ Purge: { TableName: 'A' } }] };
    expect(() => dynamodbPermissions('TransactWriteItems', unknown)).toThrow('Purge');
  });
});

describe('SQS', () => {
  const QueueUrl = 'http://127.0.0.1:4000/000000000000/Jobs';
  it.each([
    ['SendMessage', 'SendMessage'],
    ['SendMessageBatch', 'SendMessage'],
    ['DeleteMessageBatch', 'DeleteMessage'],
    ['ChangeMessageVisibilityBatch', 'ChangeMessageVisibility'],
    ['ReceiveMessage', 'ReceiveMessage'],
    ['GetQueueAttributes', 'GetQueueAttributes'],
  ])('%s takes %s on the queue', (operation, action) => {
    expect(sqsPermissions(operation, { QueueUrl })).toEqual([
      { action: `sqs:${action}`, resource: 'arn:aws:sqs:us-east-1:000000000000:Jobs' },
    ]);
  });

  it('knows GetQueueUrl by its name, and nothing of calls that nobody taught it', () => {
    expect(lines(sqsPermissions('GetQueueUrl', { QueueName: 'Jobs' }))).toEqual(['sqs:GetQueueUrl Jobs']);
    expect(sqsPermissions('DeleteQueue', { QueueUrl })).toBeNull();
    expect(() => sqsPermissions('SendMessage', {})).toThrow('QueueUrl');
  });
});

describe('S3', () => {
  it.each([
    ['GET', '/b/a/k?x-id=GetObject', {}, ['s3:GetObject b/a/k']],
    ['GET', '/b/a%20k/..%2Fc?partNumber=2', {}, ['s3:GetObject b/a k/../c']],
    ['GET', '/b/a/../c', {}, ['s3:GetObject b/a/../c']],
    ['HEAD', '/b/k', {}, ['s3:GetObject b/k']],
    ['GET', '/b/k?versionId=1', {}, ['s3:GetObjectVersion b/k']],
    ['GET', '/b?list-type=2&prefix=a&max-keys=1', {}, ['s3:ListBucket b']],
    ['GET', '/b/', {}, ['s3:ListBucket b']],
    ['HEAD', '/b', {}, ['s3:ListBucket b']],
    ['PUT', '/b/k?x-id=PutObject', {}, ['s3:PutObject b/k']],
    ['PUT', '/b/k', { 'x-amz-tagging': 'a=b' }, ['s3:PutObject b/k', 's3:PutObjectTagging b/k']],
    ['PUT', '/b/k', { 'x-amz-copy-source': '/c/s%20x' }, ['s3:PutObject b/k', 's3:GetObject c/s x']],
    [
      'PUT',
      '/b/k?partNumber=1&uploadId=u',
      { 'x-amz-copy-source': 'c/s?versionId=2' },
      ['s3:PutObject b/k', 's3:GetObjectVersion c/s'],
    ],
    ['POST', '/b/k?uploads', {}, ['s3:PutObject b/k']],
    ['PUT', '/b/k?partNumber=1&uploadId=u', {}, ['s3:PutObject b/k']],
    ['POST', '/b/k?uploadId=u', {}, ['s3:PutObject b/k']],
    ['DELETE', '/b/k?uploadId=u', {}, ['s3:AbortMultipartUpload b/k']],
    ['GET', '/b/k?uploadId=u', {}, ['s3:ListMultipartUploadParts b/k']],
    ['DELETE', '/b/k', {}, ['s3:DeleteObject b/k']],
    ['PUT', '/b/k?X-Amz-Credential=f%2F1&X-Amz-Signature=s', {}, ['s3:PutObject b/k']],
    ['GET', '/b/k?acl', {}, null],
    ['GET', '/b/k?tagging&versionId=1', {}, null],
    ['GET', '/b?policy', {}, null],
    ['PUT', '/b', {}, null],
    ['GET', '/', {}, null],
  ])('%s %s %j', (method, target, headers, needed) => {
    expect(lines(s3Permissions({ method, target, headers }))).toEqual(needed);
  });

  it('removes several objects by POST ?delete of a bucket only', () => {
    expect(removesSeveral({ method: 'POST', target: '/b?delete&x-id=DeleteObjects' })).toBe(true);
    expect(removesSeveral({ method: 'POST', target: '/b/k?delete' })).toBe(false);
    expect(removesSeveral({ method: 'GET', target: '/b?delete' })).toBe(false);
  });
});

describe('Lambda and Systems Manager', () => {
  const call = (method: string, target: string, body = '', amzTarget = '') =>
    lines(controlPermissions({ method, target, amzTarget, headers: {}, body }));
  const lambda = '/2015-03-31';

  it('are told apart by their paths and targets', () => {
    const invoke = ['lambda:InvokeFunction function:worker'];
    expect(call('POST', `${lambda}/functions/worker/invocations`)).toEqual(invoke);
    const arn = encodeURIComponent('arn:aws:lambda:us-east-1:000000000000:function:worker');
    expect(call('POST', `${lambda}/functions/${arn}/invocations`)).toEqual(invoke);
    const mapping = `${lambda}/event-source-mappings/u-1`;
    expect(call('GET', mapping)).toEqual(['lambda:GetEventSourceMapping event-source-mapping:u-1']);
    expect(call('PUT', mapping)).toEqual(['lambda:UpdateEventSourceMapping event-source-mapping:u-1']);
    expect(call('GET', `${lambda}/event-source-mappings?MaxItems=5`)).toEqual([
      'lambda:ListEventSourceMappings *',
    ]);
    const parameter = (Name: string) => call('POST', '/', JSON.stringify({ Name }), 'AmazonSSM.GetParameter');
    expect(parameter('/a/b')).toEqual(['ssm:GetParameter parameter/a/b']);
    expect(parameter('plain')).toEqual(['ssm:GetParameter parameter/plain']);
    expect(call('GET', `${lambda}/functions/worker`)).toBeNull();
    expect(call('POST', '/', '{}', 'AmazonSSM.PutParameter')).toBeNull();
  });
});

describe('the access key', () => {
  it('stands in the header of a signed call, and in the query of a presigned one', () => {
    const authorization =
      'AWS4-HMAC-SHA256 Credential=worker-1/20261101/us-east-1/s3/aws4_request, Signature=x';
    expect(accessKeyOf('/', { authorization })).toBe('worker-1');
    const presigned = '/b/k?X-Amz-Credential=worker-1%2F20261101%2Fus-east-1%2Fs3%2Faws4_request';
    expect(accessKeyOf(presigned, {})).toBe('worker-1');
    expect(accessKeyOf('/b/k', {})).toBe('');
    expect(accessKeyOf('/b/k', { authorization: 'Bearer x' })).toBe('');
  });
});
