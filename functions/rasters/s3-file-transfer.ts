import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal, Readable } from 'node:stream';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { type ClientSettings, deadlines } from '#shared/aws/clients.ts';
import { s3Client } from '#shared/aws/s3-client.ts';
import { abortUpload, isS3Error, listObjects, removeObjects } from './stored-objects.ts';
import { cogMediaType, FileChanged, FileGone, type FileTransfer, partSize } from './tree-item-files.ts';

/** Milliseconds for a part, of which four share the line: enough at 1.1 MB/s. A body may pause as long. */
const partDeadline = 30_000;

/** An S3 client whose deadlines let large bodies pass. */
export function transferClient(
  settings: Omit<ClientSettings, 'deadlines'> & { readonly forcePathStyle?: boolean } = {},
): S3Client {
  return s3Client({ ...settings, deadlines: { ...deadlines, answer: partDeadline } });
}

/** What {@link createFileTransfer} needs. */
export interface FileTransferOptions {
  /** See {@link transferClient}. */
  readonly client: S3Client;
  readonly bucket: string;
}

/**
 * Files in an S3 bucket, for workers. Needs s3:GetObject for what is read, s3:PutObject, s3:AbortMultipartUpload and
 * s3:DeleteObject for what is stored, and s3:ListBucket, without which S3 answers a missing key with AccessDenied.
 */
export function createFileTransfer({ client, bucket }: FileTransferOptions): FileTransfer {
  async function clear(key: string, uploadId: string | undefined): Promise<void> {
    if (uploadId !== undefined) await abortUpload(client, bucket, key, uploadId);
    await removeObjects(client, bucket, [key]);
  }

  /** After an answer that was lost, S3 knows the upload no more: its file is whole. Unlike a HEAD, this needs no grant to read. */
  async function isThere(key: string, path: string): Promise<boolean> {
    const { Contents = [] } = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 }),
    );
    const { size } = await stat(path);
    return Contents.some((stored) => stored.Key === key && stored.Size === size);
  }

  return {
    async read(key, etag, signal) {
      try {
        const { Body } = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag }),
          { abortSignal: signal },
        );
        if (!(Body instanceof Readable))
          throw new Error(`S3 answered ${key} in bucket ${bucket} without a body`);
        return addAbortSignal(signal, Body);
      } catch (error) {
        signal.throwIfAborted();
        if (isS3Error(error, 'NoSuchKey'))
          throw new FileGone(`there is no file ${key} in bucket ${bucket}`, { cause: error });
        if (isS3Error(error, 'PreconditionFailed'))
          throw new FileChanged(`the file ${key} in bucket ${bucket} is not the one that was checked`, {
            cause: error,
          });
        throw error;
      }
    },
    async store(key, path, signal) {
      signal.throwIfAborted();
      // The signal ends the reading and by that the upload, once the parts on their way have arrived. Upload's own abort
      // does not wait for them, so that what it began could still be stored after it was cleared.
      const upload = new Upload({
        client,
        params: {
          Bucket: bucket,
          Key: key,
          Body: createReadStream(path, { signal }),
          ContentType: cogMediaType,
        },
        partSize,
        // On their way at a time.
        queueSize: 4,
      });
      try {
        await upload.done().catch(async (error: unknown) => {
          if (!isS3Error(error, 'NoSuchUpload') || !(await isThere(key, path))) throw error;
        });
        signal.throwIfAborted();
      } catch (error) {
        await clear(key, upload.uploadId).catch((left: unknown) => {
          throw new AggregateError(
            [error, left],
            `${key} was not stored in bucket ${bucket}, and what was stored of it could not be removed`,
          );
        });
        signal.throwIfAborted();
        throw error;
      }
    },
    remove: (keys) => removeObjects(client, bucket, keys),
    list: (prefix) => listObjects(client, bucket, prefix),
  };
}
