import type { Readable } from 'node:stream';

/** Bytes of each part of an upload but its last: a file of 4 GB has 477 of the 10,000 that S3 allows. */
export const partSize = 8_388_608;

/** Source: OGC Cloud Optimized GeoTIFF Standard (21-026), "Media types". */
export const cogMediaType = 'image/tiff; application=geotiff; profile=cloud-optimized';

/** How a caller uploads a file: by one request, or by one for each part; the addresses are signed and expire. */
export type UploadForm =
  | { readonly url: string; readonly method: 'PUT'; readonly headers: Readonly<Record<string, string>> }
  | {
      readonly parts: readonly { readonly number: number; readonly url: string }[];
      readonly part_size: number;
    };

/** A part of an upload as whoever uploaded it knows it: its number, from 1, and the tag that S3 answered. */
export interface UploadedPart {
  readonly number: number;
  readonly etag: string;
}

/** A stored file as S3 tells of it. */
export interface StoredFile {
  readonly size: number;
  readonly etag: string;
  /** Its first bytes, at most 64 KB. */
  readonly head: Uint8Array;
}

/** What the API does with files: none of their bytes pass through it but the first of an upload. */
export interface FileExchange {
  /** Begins an upload under a key, in parts when it is larger than one part. */
  begin(file: {
    readonly key: string;
    readonly size: number;
    readonly contentType: string;
  }): Promise<{ readonly form: UploadForm; readonly uploadId: string | null; readonly expiresAt: number }>;
  /**
   * Puts the parts together. Throws UploadIncomplete for parts that are missing, are too small or have another tag, and
   * UploadGone when there is no such upload any more: it was given up, or has been put together before. An AbortError or
   * a TimeoutError leaves open what has become of it.
   */
  complete(key: string, uploadId: string, parts: readonly UploadedPart[]): Promise<void>;
  /** Forgets the parts of an upload that nobody will complete; one that is gone is no error. */
  abandon(key: string, uploadId: string): Promise<void>;
  /** Null when there is none. */
  inspect(key: string): Promise<StoredFile | null>;
  /** An address that answers the file for an hour, as what it is and to be saved under this name. */
  downloadUrl(
    key: string,
    as: { readonly name: string; readonly contentType: string },
  ): Promise<{ readonly url: string; readonly expiresAt: number }>;
  /** Removes files; those that are gone are no error. */
  remove(keys: readonly string[]): Promise<void>;
  /** All keys that begin so. */
  list(prefix: string): Promise<string[]>;
}

/** What workers do with files. */
export interface FileTransfer {
  /** The file's bytes. Throws FileChanged when it has another tag by now, and FileGone when there is none. */
  read(key: string, etag: string, signal: AbortSignal): Promise<Readable>;
  /** Stores a file of this machine; when it fails or the signal aborts, nothing of it is left. */
  store(key: string, path: string, signal: AbortSignal): Promise<void>;
  /** Removes files; those that are gone are no error. */
  remove(keys: readonly string[]): Promise<void>;
  /** All keys that begin so. */
  list(prefix: string): Promise<string[]>;
}

/** The parts of an upload do not make up a file: what is missing is in the message. */
export class UploadIncomplete extends Error {
  override name = 'UploadIncomplete';
}

/** There is no such upload any more: what to do when its file is not there either is in the message. */
export class UploadGone extends Error {
  override name = 'UploadGone';
}

/** There is no file under the key. */
export class FileGone extends Error {
  override name = 'FileGone';
}

/** The file is another one than was checked. */
export class FileChanged extends Error {
  override name = 'FileChanged';
}
