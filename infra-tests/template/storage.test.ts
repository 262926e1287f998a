import { describe, expect, it } from 'vitest';
import { attentionIndex, timelineIndex } from '#shared/aws/table-schema.ts';
import { named, ofType, synthesise } from './synthesise.ts';

const stage = synthesise();

const string = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' });
const key = (partition: string, sort: string) => [
  { AttributeName: partition, KeyType: 'HASH' },
  { AttributeName: sort, KeyType: 'RANGE' },
];

describe.each(ofType(stage, 'AWS::DynamoDB::Table'))('$name', ({ properties }) => {
  it('is keyed by pk and sk, paid by request, restorable, and forgets by ttl', () => {
    expect(properties).toMatchObject({
      KeySchema: key('pk', 'sk'),
      AttributeDefinitions: expect.arrayContaining([string('pk'), string('sk')]),
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    });
  });

  it('has no encryption settings: DynamoDB always encrypts, and only a paid key would be named here', () => {
    expect(properties).not.toHaveProperty('SSESpecification');
  });
});

it('finds tasks by two indexes that hold keys only', () => {
  const { properties } = named(stage, 'AWS::DynamoDB::Table', 'PipelineTable');
  expect(properties['GlobalSecondaryIndexes']).toEqual([
    {
      IndexName: timelineIndex.name,
      KeySchema: key('timelinePk', 'timelineSk'),
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
    {
      IndexName: attentionIndex.name,
      KeySchema: key('attentionPk', 'wakeAt'),
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ]);
  expect(properties['AttributeDefinitions']).toEqual(
    expect.arrayContaining([
      string('timelinePk'),
      string('timelineSk'),
      string('attentionPk'),
      { AttributeName: 'wakeAt', AttributeType: 'N' },
    ]),
  );
});

it.each(ofType(stage, 'AWS::S3::Bucket'))('$name is encrypted and closed to the public', ({ properties }) => {
  expect(properties).toMatchObject({
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
  });
});

it('keeps files until they are removed, but not the parts of uploads that nobody completes', () => {
  const { properties } = named(stage, 'AWS::S3::Bucket', 'FileBucket');
  expect(properties['LifecycleConfiguration']).toEqual({
    Rules: [{ Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }],
  });
});

it('keeps deleted files for a month where data is to be kept, and nowhere else', () => {
  const prod = named(synthesise('prod'), 'AWS::S3::Bucket', 'FileBucket').properties;
  expect(prod).toMatchObject({ VersioningConfiguration: { Status: 'Enabled' } });
  expect(prod['LifecycleConfiguration']).toMatchObject({
    Rules: [
      {},
      {
        ExpiredObjectDeleteMarker: true,
        NoncurrentVersionExpiration: { NoncurrentDays: 30 },
        Status: 'Enabled',
      },
    ],
  });
  expect(named(stage, 'AWS::S3::Bucket', 'FileBucket').properties).not.toHaveProperty(
    'VersioningConfiguration',
  );
});

describe('the payload bucket', () => {
  const { properties } = named(stage, 'AWS::S3::Bucket', 'PayloadBucket');

  it('keeps a payload through the longest delay of its task, and a day longer than the steps that point to it', () => {
    expect(properties['LifecycleConfiguration']).toEqual({
      Rules: [
        {
          Prefix: 'payloads/',
          Status: 'Enabled',
          ExpirationInDays: 365 + 90 + 1,
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        },
      ],
    });
  });
});
