import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { timings } from '#shared/lifecycle/timings.ts';
import { payloadPrefix } from '#shared/pipeline/payloads.ts';
import type { StageSettings } from '../stages.ts';
import { acknowledgeFolder } from './acknowledge-finding.ts';
import { privateBucket } from './private-bucket.ts';

/** Holds arguments and results that are too large for a record, under `payloads/`. */
export class PayloadBucket extends Construct {
  readonly bucket: s3.Bucket;

  constructor(scope: Construct, id: string, props: { readonly stage: StageSettings }) {
    super(scope, id);
    this.bucket = privateBucket(this, 'Bucket', props.stage, [
      {
        prefix: payloadPrefix,
        // The last net below the sweep, so longer than anything may need what lies here. The arguments of a task that
        // was put off are stored when it is submitted, as long before it runs as a delay may be. From then on it is as
        // with any other: a day more than steps are kept, whose results lie here too, and as long as a record may
        // live, for a failed one is kept for 30 days more each time that its dead letter opens it again.
        expiration: Duration.days(Duration.millis(timings.longestDelay).toDays() + 91),
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      },
    ]);
  }

  /** Reading and writing payloads; tells the function which bucket it is. */
  grantReadWrite(fn: lambda.Function): void {
    fn.addEnvironment('PAYLOAD_BUCKET_NAME', this.bucket.bucketName);
    fn.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['s3:GetObject', 's3:PutObject'],
        resources: [this.bucket.arnForObjects(`${payloadPrefix}*`)],
      }),
    );
    acknowledgeFolder(fn, this.bucket, payloadPrefix);
    // Without it S3 answers a missing payload with 403 instead of 404. A condition on the prefix would not hold
    // there: GetObject has none. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    fn.addToRolePolicy(
      new iam.PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] }),
    );
  }

  /** Removing payloads, for a function that may list them: reading brings that. */
  grantRemove(fn: lambda.Function): void {
    fn.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['s3:DeleteObject'],
        resources: [this.bucket.arnForObjects(`${payloadPrefix}*`)],
      }),
    );
  }
}
