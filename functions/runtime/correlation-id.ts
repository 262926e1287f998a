import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** The header in which callers give a correlation id, answers name it, and outside services are told it. */
export const correlationHeader = 'x-correlation-id';

/** What cannot break a header or a log line; `=` because the gateway's own ids, which callers may send back, end in it. */
const wellFormed = /^[A-Za-z0-9._:=-]{1,128}$/;

/**
 * The id that joins the log lines of a request and of the tasks that it submits: the caller's `X-Correlation-Id`, or,
 * where it is absent or not well formed, the id that the gateway gave the request.
 */
export function correlationIdOf({
  headers,
  requestContext,
}: Pick<APIGatewayProxyEventV2, 'headers' | 'requestContext'>): string {
  const given = headers[correlationHeader];
  return given !== undefined && wellFormed.test(given) ? given : requestContext.requestId;
}
