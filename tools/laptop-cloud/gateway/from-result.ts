import type { OutgoingHttpHeaders } from 'node:http';
import * as z from 'zod';
import type { InvocationResult } from '../functions/function-pool.ts';

/** An answer to a client. */
export interface GatewayResponse {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
}

const Scalar = z.union([z.string(), z.number(), z.boolean()]);

const Structured = z.looseObject({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), Scalar).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** Headers that the gateway itself sets. */
const OWN_HEADERS = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The answer for what a function returned, payload format 2.0: a response with a `statusCode` as it says;
 * anything without one is the JSON body of a 200; a function error or a malformed response is a 500.
 * Source: "Create AWS Lambda proxy integrations for HTTP APIs in API Gateway", Lambda function response.
 */
export function fromResult(result: InvocationResult): GatewayResponse {
  if (!result.ok) return gatewayError(500, 'Internal Server Error');

  const { payload } = result;
  if (typeof payload !== 'object' || payload === null || !('statusCode' in payload)) {
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload ?? null);
    return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) };
  }
  const structured = Structured.safeParse(payload);
  if (!structured.success) return gatewayError(500, 'Internal Server Error');

  const { statusCode, headers, cookies, body, isBase64Encoded } = structured.data;
  return {
    status: statusCode,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      ...lowerCased(headers ?? {}),
      ...(cookies && cookies.length > 0 && { 'set-cookie': cookies }),
    },
    body: Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

/** An answer of API Gateway's own: `{"message": …}`. */
export function gatewayError(status: number, message: string): GatewayResponse {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ message })),
  };
}

function lowerCased(headers: Record<string, z.infer<typeof Scalar>>): Record<string, string> {
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  return Object.fromEntries(named.filter(([name]) => !OWN_HEADERS.has(name)));
}
