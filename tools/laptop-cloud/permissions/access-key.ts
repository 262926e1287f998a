import type { IncomingHttpHeaders } from 'node:http';

/**
 * The access key with which a request is signed, in its header or, for a presigned URL, in its query; empty for none.
 * The signature itself is not looked at.
 * Source: "AWS Signature Version 4 for API requests" in the IAM User Guide.
 */
export function accessKeyOf(target: string, headers: IncomingHttpHeaders): string {
  const signed = /Credential=([^/,\s]+)\//.exec(headers.authorization ?? '')?.[1];
  if (signed !== undefined) return signed;
  const query = target.slice(target.indexOf('?') + 1);
  return new URLSearchParams(query).get('X-Amz-Credential')?.split('/')[0] ?? '';
}
