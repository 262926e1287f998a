import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  paginateListBuckets,
  type S3Client,
} from '@aws-sdk/client-s3';

/**
 * The buckets that a stage's stack has made in the client's region, by the names that CloudFormation gives: the stack's, the
 * bucket's in the template, and letters that make it unique. The same stage may live in other regions of the account.
 */
export async function bucketsOf(s3: S3Client, stage: string): Promise<string[]> {
  const Prefix = `celeriac-${stage}-stateful-`;
  const pattern = new RegExp(`^${Prefix}[a-z]+bucket[0-9a-f]{8}-[a-z0-9]{8,}$`);
  const pages = paginateListBuckets({ client: s3 }, { Prefix, BucketRegion: await s3.config.region() });
  const names: string[] = [];
  for await (const { Buckets = [] } of pages) {
    for (const { Name } of Buckets) if (Name !== undefined && pattern.test(Name)) names.push(Name);
  }
  return names;
}

/**
 * Removes every object of a bucket, and the parts of uploads that nobody completed.
 * @returns how many objects there were
 * @throws Error naming the first object that could not be removed
 */
export async function emptyBucket(s3: S3Client, bucket: string): Promise<number> {
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  for (const { Key, UploadId } of Uploads) {
    await s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
  }
  let removed = 0;
  for (;;) {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    if (Contents.length === 0) return removed;
    const objects = Contents.map(({ Key }) => ({ Key }));
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } }),
    );
    const [failed] = Errors;
    if (failed) throw new Error(`${bucket}: ${failed.Key} could not be removed: ${failed.Message}`);
    removed += objects.length;
  }
}
