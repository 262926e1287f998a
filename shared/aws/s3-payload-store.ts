import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { PayloadStore } from '../ports/payload-store.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** What {@link createS3PayloadStore} needs. */
export interface S3PayloadStoreOptions {
  readonly client: S3Client;
  readonly bucket: string;
}

/**
 * Payloads in an S3 bucket, compressed. The reader must be allowed s3:ListBucket on the bucket: without it S3 answers
 * a missing key with AccessDenied instead of NoSuchKey. Source: Amazon S3, GetObject, "Permissions".
 */
export function createS3PayloadStore({ client, bucket }: S3PayloadStoreOptions): PayloadStore {
  return {
    async put(key, json) {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: await compress(json),
          ContentType: 'application/json',
          ContentEncoding: 'gzip',
        }),
      );
    },
    async get(key) {
      const body = await getObject(client, bucket, key);
      if (body === null) return null;
      try {
        return (await decompress(body)).toString('utf8');
      } catch (error) {
        throw new Error(`the payload ${key} in bucket ${bucket} is damaged: it is not gzip`, {
          cause: error,
        });
      }
    },
    async list(prefix, limit, cursor) {
      const { Contents = [], NextContinuationToken = null } = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          MaxKeys: limit,
          ...(cursor !== undefined && { ContinuationToken: cursor }),
        }),
      );
      const items = Contents.map(({ Key = '', LastModified }) => ({
        key: Key,
        storedAt: LastModified?.getTime() ?? 0,
      }));
      return { items, nextCursor: NextContinuationToken };
    },
    async remove(keys) {
      // S3 refuses a request without any.
      if (keys.length === 0) return;
      const { Errors = [] } = await client.send(
        new DeleteObjectsCommand({
          Bucket: bucket,
          Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true },
        }),
      );
      const [first] = Errors;
      if (first === undefined) return;
      throw new Error(
        `${Errors.length} of ${keys.length} payloads in bucket ${bucket} could not be removed: ` +
          `${first.Key}: ${first.Code}: ${first.Message}`,
      );
    },
  };
}

async function getObject(client: S3Client, bucket: string, key: string): Promise<Uint8Array | null> {
  try {
    const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await object.Body?.transformToByteArray()) ?? null;
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return null;
    throw error;
  }
}
