import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { RouteMatch } from './match-route.ts';

/** A request as it came in, its body read. */
export interface GatewayRequest {
  method: string;
  /** Path and query as sent, percent-encoded. */
  target: string;
  httpVersion: string;
  /** Names and values in turn, as node:http's `rawHeaders`. */
  rawHeaders: readonly string[];
  body: Buffer;
  sourceIp: string;
}

/** Which API answers, and the request's own id and time. */
export interface GatewayContext {
  apiId: string;
  accountId: string;
  /** `$default`, or the stage whose name begins every path. */
  stage: string;
  requestId: string;
  /** Milliseconds since the epoch. */
  now: number;
}

/** The headers that belong to one connection and never reach a function. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * API Gateway hands these to a function as text and everything else base64-encoded, form posts and bodies
 * without a content type included. AWS documents only "binary"; the list was measured on AWS for
 * https://github.com/ministackorg/ministack/pull/766.
 */
const TEXT = /^(?:text\/.*|application\/(?:json|javascript|xml))$/;

/**
 * The event of payload format 2.0 for a request.
 * Source: "Create AWS Lambda proxy integrations for HTTP APIs in API Gateway".
 */
export function toEvent(
  request: GatewayRequest,
  { route, pathParameters }: RouteMatch,
  context: GatewayContext,
): APIGatewayProxyEventV2 {
  const { path, query } = splitTarget(request.target);
  const { headers, cookies } = collectHeaders(request.rawHeaders);
  const queryStringParameters = joinRepeated(new URLSearchParams(query));
  const isText = TEXT.test(mediaType(headers['content-type']));
  const domainName = headers['host'] ?? 'localhost';

  return {
    version: '2.0',
    routeKey: route.routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookies.length > 0 && { cookies }),
    headers: { ...headers, 'x-forwarded-for': request.sourceIp, 'x-forwarded-proto': 'http' },
    ...(query !== '' && { queryStringParameters }),
    requestContext: {
      accountId: context.accountId,
      apiId: context.apiId,
      domainName,
      domainPrefix: domainName.split('.')[0] ?? domainName,
      http: {
        method: request.method,
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: context.requestId,
      routeKey: route.routeKey,
      stage: context.stage,
      time: commonLogTime(context.now),
      timeEpoch: context.now,
    },
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    ...(request.body.length > 0 && { body: request.body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: request.body.length > 0 && !isText,
  };
}

/** Path, decoded as API Gateway decodes it, and query as sent, without the question mark. */
export function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  return { path: decodePath(path), query: mark === -1 ? '' : target.slice(mark + 1) };
}

/** A path with a stray percent sign is no encoding at all, and stays as it was sent. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return path;
    throw error;
  }
}

function mediaType(contentType: string | undefined): string {
  return contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
}

function collectHeaders(rawHeaders: readonly string[]): {
  headers: Record<string, string>;
  cookies: string[];
} {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    const value = rawHeaders[index + 1] ?? '';
    if (HOP_BY_HOP.has(name)) continue;
    if (name === 'cookie') cookies.push(...value.split(';').map((cookie) => cookie.trim()));
    else headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`;
  }
  return { headers, cookies };
}

function joinRepeated(query: URLSearchParams): Record<string, string> {
  const names = new Set(query.keys());
  return Object.fromEntries([...names].map((name) => [name, query.getAll(name).join(',')]));
}

/** `12/Mar/2020:19:03:58 +0000` */
function commonLogTime(now: number): string {
  const [, day, month, year, time] = new Date(now).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
