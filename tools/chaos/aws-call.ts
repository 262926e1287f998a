import type { IncomingHttpHeaders } from 'node:http';
import * as z from 'zod';

/** The services whose emulators stand behind the fault proxy. */
export type Service = 'DynamoDB' | 'SQS' | 'S3';

/** A call of an AWS API as it comes over the wire. */
export interface AwsCall {
  readonly service: Service;
  /** As in the API's reference: `PutItem`, `SendMessage`; for S3 the method and what it is about: `PUT object`. */
  readonly operation: string;
  /** The access key: a function's name, or `laptop-cloud` for its own calls. */
  readonly caller: string;
  /** What is asked for; empty for S3. */
  readonly request: Readonly<Record<string, unknown>>;
}

const json = z.record(z.string(), z.unknown());

/** Reads a call off an HTTP request; what is not of AWS's JSON protocols is S3's. */
export function readAwsCall(
  method: string,
  path: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
): AwsCall {
  const caller = /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? '';
  const [service = '', operation = ''] = String(headers['x-amz-target'] ?? '').split('.');
  if (operation === '') {
    const isObject = path.split('?')[0]?.split('/').filter(Boolean).length !== 1;
    return { service: 'S3', operation: `${method} ${isObject ? 'object' : 'bucket'}`, caller, request: {} };
  }
  const request = body.length === 0 ? {} : json.parse(JSON.parse(body.toString()));
  return { service: service.startsWith('DynamoDB') ? 'DynamoDB' : 'SQS', operation, caller, request };
}
