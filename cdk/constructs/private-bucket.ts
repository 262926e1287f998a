import { RemovalPolicy } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { StageSettings } from '../stages.ts';
import { acknowledgeFinding } from './acknowledge-finding.ts';

/**
 * A bucket as all of ours are: encrypted, closed to the public and to plain HTTP. A stage that keeps no data deletes it
 * with its stack, once it is empty: `npm run destroy` sees to that, where a custom resource would be one more function, with
 * a right to delete everything.
 */
export function privateBucket(
  scope: Construct,
  id: string,
  stage: StageSettings,
  lifecycleRules: s3.LifecycleRule[],
  versioned = false,
): s3.Bucket {
  const bucket = new s3.Bucket(scope, id, {
    encryption: s3.BucketEncryption.S3_MANAGED,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    versioned,
    lifecycleRules,
    removalPolicy: stage.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  acknowledgeFinding(bucket, {
    id: 'AwsSolutions-S1',
    reason:
      'Only our functions and the addresses that they sign reach it, and they log what they do; access logs would take a ' +
      'bucket more, written at every request, that somebody has to read and empty.',
  });
  return bucket;
}
