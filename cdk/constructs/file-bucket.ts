import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { StageSettings } from '../stages.ts';
import { acknowledgeFolder } from './acknowledge-finding.ts';
import { privateBucket } from './private-bucket.ts';

/** What callers upload, under `originals/`, and what workers make of it, under `results/`. */
export class FileBucket extends Construct {
  readonly bucket: s3.Bucket;

  constructor(scope: Construct, id: string, props: { readonly stage: StageSettings }) {
    super(scope, id);
    const keepsDeleted = props.stage.keepsData && props.stage.emulator === 'none';
    const rules = [
      // Longer than the addresses of the parts are good for.
      { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      // What was deleted by mistake can be brought back for a month.
      ...(keepsDeleted
        ? [{ noncurrentVersionExpiration: Duration.days(30), expiredObjectDeleteMarker: true }]
        : []),
    ];
    this.bucket = privateBucket(this, 'Bucket', props.stage, rules, keepsDeleted);
  }

  /** Handing out addresses to upload and download files, looking at what was uploaded, removing files. */
  grantExchange(fn: lambda.Function): void {
    this.#allow(fn, ['s3:GetObject', 's3:DeleteObject'], this.#objects('originals', 'results'));
    this.#allow(fn, ['s3:PutObject', 's3:AbortMultipartUpload'], this.#objects('originals'));
    this.#allowAround(fn);
  }

  /** Reading originals, which are never touched; storing and removing results. */
  grantMakeResults(fn: lambda.Function): void {
    this.#allow(fn, ['s3:GetObject'], this.#objects('originals'));
    this.#allow(fn, ['s3:PutObject', 's3:AbortMultipartUpload', 's3:DeleteObject'], this.#objects('results'));
    this.#allowAround(fn);
  }

  /** Without it S3 answers a missing file with 403 instead of 404, so no condition on a prefix: see PayloadBucket. */
  #allowAround(fn: lambda.Function): void {
    for (const folder of ['originals/', 'results/']) acknowledgeFolder(fn, this.bucket, folder);
    this.#allow(fn, ['s3:ListBucket'], [this.bucket.bucketArn]);
  }

  #objects(...folders: string[]): string[] {
    return folders.map((folder) => this.bucket.arnForObjects(`${folder}/*`));
  }

  #allow(fn: lambda.Function, actions: string[], resources: string[]): void {
    fn.addEnvironment('FILE_BUCKET_NAME', this.bucket.bucketName);
    fn.addToRolePolicy(new iam.PolicyStatement({ actions, resources }));
  }
}
