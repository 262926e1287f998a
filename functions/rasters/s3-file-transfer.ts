import { createReadStream } from 'node:fs';
import { addAbortSignal, Readable } from 'node:stream';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { type ClientSettings, deadlines } from '#shared/aws/clients.ts';
import { s3Client } from '#shared/aws/s3-client.ts';
import { abortUpload, isS3Error, listObjects, removeObjects } from './stored-objects.ts';
import { FileChanged, FileGone, type FileTransfer } from './tree-item-files.ts';

/** Bytes of a part: four are on their way at a time, and a file of 4 GB has 477 of the 10,000 that S3 allows. */
const partSize = 8_388_608;

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
        queueSize: 4,
      });
      try {
        await upload.done();
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

/** Source: OGC Cloud Optimized GeoTIFF Standard (21-026), "Media types". */
const cogMediaType = 'image/tiff; application=geotiff; profile=cloud-optimized';
