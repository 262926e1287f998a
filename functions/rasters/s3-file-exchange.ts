import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type ClientSettings, deadlines } from '#shared/aws/clients.ts';
import { s3Client } from '#shared/aws/s3-client.ts';
import { attachmentHeader } from './attachment-header.ts';
import { abortUpload, isS3Error, listObjects, removeObjects } from './stored-objects.ts';
import {
  type FileExchange,
  partSize,
  type StoredFile,
  type UploadForm,
  UploadGone,
  UploadIncomplete,
} from './tree-item-files.ts';

const headSize = 65_536;

/** S3 answers an error without a tag; nobody needs it, since no item's file is empty. */
const emptyFile: StoredFile = { size: 0, etag: '', head: new Uint8Array() };

/** Seconds for which addresses are good: to upload a file, or the parts of one that takes longer, and to download. */
const validity = { file: 900, part: 6 * 3600, download: 3600 } as const;

/** Milliseconds for all tries to put parts together: the request has 29 s, and the file is looked at afterwards. */
const completionTime = 20_000;

/** What to do about what S3 says of an upload. Source: Amazon S3, CompleteMultipartUpload, "Special errors". */
const remedies: Readonly<Record<string, string>> = {
  InvalidPart:
    'a part is missing, or its etag is not the one that was answered when it was uploaded: upload that part again and send the etag of the answer',
  InvalidPartOrder: 'a part is named twice: name each part once',
  EntityTooSmall: `a part other than the last is too small: cut the file into parts of ${partSize} bytes and upload them again`,
};

const uploadGone =
  'the upload has expired or was given up: create a new item and upload the file to that one';

/** An S3 client that waits as long for an answer as putting many parts together may take. */
export function completingClient(
  settings: Omit<ClientSettings, 'deadlines'> & { readonly forcePathStyle?: boolean } = {},
): S3Client {
  return s3Client({ ...settings, deadlines: { ...deadlines, answer: completionTime } });
}

/** What {@link createFileExchange} needs. */
export interface FileExchangeOptions {
  readonly client: S3Client;
  /** Puts parts together; see {@link completingClient}. */
  readonly completing: S3Client;
  /** Milliseconds for all tries of that. @default 20 s */
  readonly completeWithin?: number;
  readonly bucket: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Files in an S3 bucket, which callers upload and download by signed addresses. An address allows what the function's
 * role allows: s3:PutObject and s3:GetObject. The rest needs s3:AbortMultipartUpload, s3:DeleteObject and s3:ListBucket,
 * without which S3 answers a missing key with AccessDenied. Addresses are good for a quarter of an hour to upload a file,
 * six hours to upload its parts, and an hour to download it; but none outlives the credentials that signed it, and those of a role's session may end earlier. Parts that nobody
 * completes are kept, and paid for, until the bucket's lifecycle rule removes them. Source: Amazon S3, "Sharing objects
 * with presigned URLs".
 */
export function createFileExchange({
  client,
  completing,
  completeWithin = completionTime,
  bucket,
  now,
}: FileExchangeOptions): FileExchange {
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
        await completing.send(
          new CompleteMultipartUploadCommand({
            Bucket: bucket,
            Key: key,
            UploadId: uploadId,
            MultipartUpload: { Parts },
          }),
          { abortSignal: AbortSignal.timeout(completeWithin) },
        );
      } catch (error) {
        if (isS3Error(error, 'NoSuchUpload')) throw new UploadGone(uploadGone, { cause: error });
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
    async downloadUrl(key, { name, contentType }) {
      const from = wholeSeconds();
      const get = new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ResponseContentDisposition: attachmentHeader(name),
        ResponseContentType: contentType,
      });
      const url = await getSignedUrl(signer, get, terms(from, validity.download));
      return { url, expiresAt: from + validity.download * 1000 };
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
