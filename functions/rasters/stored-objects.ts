import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';

/** S3 removes no more objects by one request. Source: Amazon S3, DeleteObjects. */
const mostPerRequest = 1000;

/** Removes objects; those that are gone are no error. Throws when S3 says that it could not remove one. */
export async function removeObjects(
  client: S3Client,
  bucket: string,
  keys: readonly string[],
): Promise<void> {
  for (let start = 0; start < keys.length; start += mostPerRequest) {
    const Objects = keys.slice(start, start + mostPerRequest).map((Key) => ({ Key }));
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
    );
    const [first] = Errors;
    if (first === undefined) continue;
    throw new Error(
      `${Errors.length} of ${Objects.length} files in bucket ${bucket} could not be removed: ` +
        `${first.Key}: ${first.Code}: ${first.Message}`,
    );
  }
}

/** All keys that begin so, in S3's order; needs s3:ListBucket. */
export async function listObjects(client: S3Client, bucket: string, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client },
    { Bucket: bucket, Prefix: prefix },
  )) {
    for (const { Key } of Contents) if (Key !== undefined) keys.push(Key);
  }
  return keys;
}

/** Forgets the parts of an upload; one that is gone is no error. Needs s3:AbortMultipartUpload. */
export async function abortUpload(
  client: S3Client,
  bucket: string,
  key: string,
  uploadId: string,
): Promise<void> {
  try {
    await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId }));
  } catch (error) {
    if (!isS3Error(error, 'NoSuchUpload')) throw error;
  }
}

/** Whether S3 answered with one of these errors. */
export function isS3Error(error: unknown, ...names: readonly string[]): error is Error {
  return error instanceof Error && names.includes(error.name);
}
