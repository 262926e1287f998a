import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { attachmentHeader } from './attachment-header.ts';
import { abortUpload, isS3Error, listObjects, removeObjects } from './stored-objects.ts';
import { type FileExchange, type StoredFile, type UploadForm, UploadIncomplete } from './tree-item-files.ts';

/** Bytes of each part of an upload but its last; a file that is no larger is uploaded by one request. */
export const partSize = 8_388_608;

const headSize = 65_536;

/** S3 answers an error without a tag; nobody needs it, since no item's file is empty. */
const emptyFile: StoredFile = { size: 0, etag: '', head: new Uint8Array() };

/** Seconds for which addresses are good: of a file, and of the parts of one that takes longer to upload. */
const validity = { file: 3600, part: 6 * 3600 } as const;

/** What to do about what S3 says of an upload. Source: Amazon S3, CompleteMultipartUpload, "Special errors". */
const remedies: Readonly<Record<string, string>> = {
  InvalidPart:
    'a part is missing, or its etag is not the one that was answered when it was uploaded: upload that part again and send the etag of the answer',
  InvalidPartOrder: 'a part is named twice: name each part once',
  EntityTooSmall: `a part other than the last is too small: cut the file into parts of ${partSize} bytes and upload them again`,
  NoSuchUpload: 'the upload has expired or was given up: create a new item and upload the file to that one',
};

/** What {@link createFileExchange} needs. */
export interface FileExchangeOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Files in an S3 bucket, which callers upload and download by signed addresses. An address allows what the function's
 * role allows: s3:PutObject and s3:GetObject. The rest needs s3:AbortMultipartUpload, s3:DeleteObject and s3:ListBucket,
 * without which S3 answers a missing key with AccessDenied. Addresses are good for an hour, those of parts for six; but
 * none outlives the credentials that signed it, and those of a role's session may end earlier. Parts that nobody
 * completes are kept, and paid for, until the bucket's lifecycle rule removes them. Source: Amazon S3, "Sharing objects
 * with presigned URLs".
 */
export function createFileExchange({ client, bucket, now }: FileExchangeOptions): FileExchange {
  const signer = signingClient(client);
  const wholeSeconds = () => Math.floor(now() / 1000) * 1000;

  async function beginWhole(key: string, size: number, contentType: string, from: number) {
    const put = new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      ContentLength: size,
      ContentType: contentType,
    });
    const url = await getSignedUrl(signer, put, terms(from, validity.file, ['content-type']));
    const form: UploadForm = { url, method: 'PUT', headers: { 'content-type': contentType } };
    return { form, uploadId: null, expiresAt: from + validity.file * 1000 };
  }

  async function beginParts(key: string, size: number, contentType: string, from: number) {
    const { UploadId } = await client.send(
      new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, ContentType: contentType }),
    );
    if (UploadId === undefined) throw new Error(`S3 gave no id for the upload of ${key} to bucket ${bucket}`);
    const parts = Array.from({ length: Math.ceil(size / partSize) }, async (_, index) => {
      const part = new UploadPartCommand({
        Bucket: bucket,
        Key: key,
        UploadId,
        PartNumber: index + 1,
        ContentLength: Math.min(partSize, size - index * partSize),
      });
      const url = await getSignedUrl(signer, part, terms(from, validity.part));
      return { number: index + 1, url };
    });
    const form: UploadForm = { parts: await Promise.all(parts), part_size: partSize };
    return { form, uploadId: UploadId, expiresAt: from + validity.part * 1000 };
  }

  return {
    begin: ({ key, size, contentType }) =>
      (size > partSize ? beginParts : beginWhole)(key, size, contentType, wholeSeconds()),
    async complete(key, uploadId, parts) {
      const Parts = parts
        .toSorted((one, other) => one.number - other.number)
        .map(({ number, etag }) => ({ PartNumber: number, ETag: etag }));
      try {
        await client.send(
          new CompleteMultipartUploadCommand({
            Bucket: bucket,
            Key: key,
            UploadId: uploadId,
            MultipartUpload: { Parts },
          }),
        );
      } catch (error) {
        const remedy = error instanceof Error ? remedies[error.name] : undefined;
        if (remedy === undefined) throw error;
        throw new UploadIncomplete(`the upload cannot be completed: ${remedy}`, { cause: error });
      }
    },
    abandon: (key, uploadId) => abortUpload(client, bucket, key, uploadId),
    async inspect(key) {
      try {
        const {
          Body,
          ContentRange,
          ETag = '',
        } = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key: key, Range: `bytes=0-${headSize - 1}` }),
        );
        const size = Number(ContentRange?.split('/')[1]);
        if (!Body || !Number.isSafeInteger(size))
          throw new Error(`S3 answered ${key} in bucket ${bucket} without its size`);
        return { size, etag: ETag, head: await Body.transformToByteArray() };
      } catch (error) {
        if (isS3Error(error, 'NoSuchKey')) return null;
        // An empty object has no first bytes to answer.
        if (isS3Error(error, 'InvalidRange')) return emptyFile;
        throw error;
      }
    },
    async downloadUrl(key, name) {
      const from = wholeSeconds();
      const get = new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ResponseContentDisposition: attachmentHeader(name),
      });
      const url = await getSignedUrl(signer, get, terms(from, validity.file));
      return { url, expiresAt: from + validity.file * 1000 };
    },
    remove: (keys) => removeObjects(client, bucket, keys),
    list: (prefix) => listObjects(client, bucket, prefix),
  };
}

/**
 * How to sign. The headers are those that are to be signed besides the host and an upload's length, which are in any
 * case: S3 refuses a request in which one of them has another value.
 */
function terms(from: number, seconds: number, headers: readonly string[] = []) {
  return { signingDate: new Date(from), expiresIn: seconds, signableHeaders: new Set(headers) };
}

/**
 * A client that only signs. The other one would sign the checksum of the empty body that it has at that time, and S3
 * would refuse every other body.
 */
function signingClient({ config }: S3Client): S3Client {
  return new S3Client({
    region: config.region,
    credentials: config.credentials,
    ...(config.endpoint && { endpoint: config.endpoint }),
    forcePathStyle: config.forcePathStyle,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}
