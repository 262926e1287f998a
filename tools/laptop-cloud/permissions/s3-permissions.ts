import type { IncomingHttpHeaders } from 'node:http';
import type { NeededPermission } from './judge.ts';

/** An S3 call as its address and headers tell it, bucket in the path. */
export interface S3Call {
  readonly method: string;
  /** Path with query, as sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

/** What an S3 call is about. */
export interface S3Target {
  readonly bucket: string;
  /** Decoded; empty for the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
}

/** Parameters that shape an answer or sign a call, and make it no other call. */
const HARMLESS =
  /^(?:x-id|x-amz-.*|response-.*|list-type|prefix|delimiter|max-keys|continuation-token|start-after|encoding-type|fetch-owner|marker|max-uploads|key-marker|upload-id-marker|version-id-marker|max-parts|part-number-marker|partnumber)$/i;

/** The action of a method on an object or a bucket, by the one parameter that says what is asked (`-`: none does). */
const OBJECT_ACTIONS: Readonly<Record<string, string>> = {
  'GET -': 'GetObject',
  'GET versionId': 'GetObjectVersion',
  'GET uploadId': 'ListMultipartUploadParts',
  'GET tagging': 'GetObjectTagging',
  'HEAD -': 'GetObject',
  'HEAD versionId': 'GetObjectVersion',
  'PUT -': 'PutObject',
  'PUT uploadId': 'PutObject',
  'PUT tagging': 'PutObjectTagging',
  'POST uploads': 'PutObject',
  'POST uploadId': 'PutObject',
  'DELETE -': 'DeleteObject',
  'DELETE versionId': 'DeleteObjectVersion',
  'DELETE uploadId': 'AbortMultipartUpload',
  'DELETE tagging': 'DeleteObjectTagging',
};
const BUCKET_ACTIONS: Readonly<Record<string, string>> = {
  'GET -': 'ListBucket',
  'GET uploads': 'ListBucketMultipartUploads',
  'GET versions': 'ListBucketVersions',
  'GET location': 'GetBucketLocation',
  'HEAD -': 'ListBucket',
};

/** Headers of a PUT or a begun upload that take a permission beside PutObject. */
const HEADER_ACTIONS: Readonly<Record<string, string>> = {
  'x-amz-tagging': 'PutObjectTagging',
  'x-amz-acl': 'PutObjectAcl',
  'x-amz-object-lock-mode': 'PutObjectRetention',
  'x-amz-object-lock-legal-hold': 'PutObjectLegalHold',
};

/**
 * The permissions that an S3 call takes; null for one that is not known here. The removal of several objects
 * (`POST ?delete`) is not: each of its objects is judged by itself.
 * Source: Amazon S3 User Guide, "Required permissions for Amazon S3 API operations".
 */
export function s3Permissions(call: S3Call): NeededPermission[] | null {
  const { bucket, key, query } = s3Target(call.target);
  const asked = [...query.keys()].filter((name) => !HARMLESS.test(name));
  if (bucket === '' || asked.length > 1) return null;
  const actions = key === '' ? BUCKET_ACTIONS : OBJECT_ACTIONS;
  const action = actions[`${call.method} ${asked[0] ?? '-'}`];
  if (action === undefined) return null;
  const resource = key === '' ? bucketArn(bucket) : objectArn(bucket, key);
  const needed = [{ action: `s3:${action}`, resource }];
  if (action !== 'PutObject') return needed;
  for (const [header, further] of Object.entries(HEADER_ACTIONS)) {
    if (call.headers[header] !== undefined) needed.push({ action: `s3:${further}`, resource });
  }
  const source = call.headers['x-amz-copy-source'];
  return source === undefined ? needed : [...needed, readOf(String(source))];
}

/** Whether a call removes the objects that its body lists. */
export function removesSeveral(call: Pick<S3Call, 'method' | 'target'>): boolean {
  const { key, query } = s3Target(call.target);
  return call.method === 'POST' && key === '' && query.has('delete');
}

/**
 * Takes the address of a call apart, without resolving `..` as a browser would: keys may hold it.
 * @throws URIError when the path is not encoded as a URL is
 */
export function s3Target(target: string): S3Target {
  const [, path = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(target) ?? [];
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  return {
    bucket: decodeURIComponent(bucket),
    key: decodeURIComponent(key),
    query: new URLSearchParams(query),
  };
}

/** The ARN of a bucket. */
export function bucketArn(bucket: string): string {
  return `arn:aws:s3:::${bucket}`;
}

/** The ARN of an object. */
export function objectArn(bucket: string, key: string): string {
  return `${bucketArn(bucket)}/${key}`;
}

/** A copy reads `/bucket/key?versionId=…`, encoded. */
function readOf(source: string): NeededPermission {
  const { bucket, key, query } = s3Target(source.startsWith('/') ? source : `/${source}`);
  const action = query.has('versionId') ? 's3:GetObjectVersion' : 's3:GetObject';
  return { action, resource: objectArn(bucket, key) };
}
