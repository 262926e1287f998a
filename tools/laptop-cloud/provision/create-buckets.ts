import { CreateBucketCommand, HeadBucketCommand, NotFound, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { ResolvedResource } from './identify-resources.ts';
import { readProperties, unread } from './read-properties.ts';

/**
 * Source: AWS CloudFormation Template Reference, AWS::S3::Bucket. What is not read either guards what a
 * laptop need not guard, or (life cycles, versions) would delete or keep more than the laptop does.
 */
const BucketProperties = z.strictObject({
  BucketName: z.string().optional(),
  BucketEncryption: unread,
  CorsConfiguration: unread,
  LifecycleConfiguration: unread,
  LoggingConfiguration: unread,
  OwnershipControls: unread,
  PublicAccessBlockConfiguration: unread,
  Tags: unread,
  VersioningConfiguration: unread,
});

/**
 * Creates the buckets that are absent; objects stay.
 * @throws Error for a property that the laptop does not know, notifications among them
 */
export async function createBuckets(buckets: readonly ResolvedResource[], client: S3Client): Promise<void> {
  for (const bucket of buckets) readProperties(bucket, BucketProperties, 'provision/create-buckets.ts');
  await Promise.all(
    buckets.map(async ({ name }) => {
      if (!(await exists(client, name))) await client.send(new CreateBucketCommand({ Bucket: name }));
    }),
  );
}

async function exists(client: S3Client, name: string): Promise<boolean> {
  try {
    await client.send(new HeadBucketCommand({ Bucket: name }));
    return true;
  } catch (error) {
    if (error instanceof NotFound) return false;
    throw error;
  }
}
