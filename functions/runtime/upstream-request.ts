import * as z from 'zod';
import { RetryAfter } from '#shared/tasks/task-errors.ts';
import { correlationHeader } from './correlation-id.ts';
import { parseRetryAfter } from './retry-after.ts';
import { UpstreamError, UpstreamRefusal } from './upstream-error.ts';

/** For whom an outside service is asked. */
export type UpstreamCall = {
  /** Sent as `X-Correlation-Id`, so that the service's own logs can be searched for it; null sends none. */
  readonly correlationId: string | null;
  /** Ends the request; its reason is then thrown. */
  readonly signal: AbortSignal;
};

/** A GET to an outside service. */
export type UpstreamRequest = UpstreamCall & {
  /** The service's name for messages, for example "Mapbox". */
  readonly upstream: string;
  /** What is asked of it, for messages, for example "reverse geocoding". */
  readonly purpose: string;
  readonly url: URL;
  /** Texts that must not appear in an error, though the service should repeat them. */
  readonly secrets: readonly string[];
  readonly timeoutMs: number;
  readonly fetch: typeof fetch;
  readonly now: () => Date;
};

const ErrorBody = z.object({ message: z.string() });
const LONGEST_DETAIL = 300;
const RETRYABLE_4XX = [408, 425, 429];

/**
 * GETs a URL and gives the body's bytes. The time limit covers the body too; redirects are not followed.
 * Throws the signal's reason once it is aborted; UpstreamRefusal on 4xx; RetryAfter on 408, 425, 429 and 5xx
 * with a readable Retry-After; UpstreamError on everything else that is not 2xx, on a broken connection
 * and when the time is up. The URL, which may carry a token, is never in a message.
 */
export async function requestBytes(request: UpstreamRequest): Promise<Uint8Array> {
  request.signal.throwIfAborted();
  const { response, body } = await exchange(request);
  if (response.ok) return body;
  throw refusal(request, response, body);
}

/**
 * GETs a URL as JSON of the given shape; errors as for `requestBytes`.
 *
 * A body that is no JSON or has another shape is an UpstreamError, which retries: behind a 200 it is mostly a
 * proxy's page or a half-done release and gone a minute later. Should the shape have changed for good, the
 * few retries cost little and the task ends as a dead letter, to be redriven when the code is mended,
 * whereas a PermanentError leaves none.
 */
export async function requestJson<T>(request: UpstreamRequest, schema: z.ZodType<T>): Promise<T> {
  const bytes = await requestBytes(request);
  const value = parseJson(bytes);
  if (value === undefined) throw unreadable(request, 'it is not JSON');
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw unreadable(request, `at "${first?.path.join('.') ?? ''}": ${first?.message ?? 'wrong shape'}`);
}

/** The error for an answer that came with 2xx and cannot be used; `fault` says what is wrong with it. */
export function unreadable(request: UpstreamRequest, fault: string, options?: ErrorOptions): UpstreamError {
  const message = `${request.upstream} answered ${request.purpose} in an unexpected form: ${fault}`;
  return new UpstreamError(request.upstream, 200, redact(message, request.secrets), options);
}

async function exchange(request: UpstreamRequest): Promise<{ response: Response; body: Uint8Array }> {
  const deadline = AbortSignal.timeout(request.timeoutMs);
  try {
    const response = await request.fetch(request.url, {
      ...(request.correlationId !== null && { headers: { [correlationHeader]: request.correlationId } }),
      signal: AbortSignal.any([request.signal, deadline]),
      redirect: 'manual',
    });
    return { response, body: new Uint8Array(await response.arrayBuffer()) };
  } catch (cause) {
    if (request.signal.aborted) throw request.signal.reason;
    const { upstream, purpose, timeoutMs } = request;
    const said = deadline.aborted
      ? `${upstream} did not answer ${purpose} within ${timeoutMs / 1000} s`
      : `${upstream} could not be reached for ${purpose}: ${networkReason(cause)}`;
    throw new UpstreamError(upstream, null, redact(said, request.secrets), { cause });
  }
}

/** Node's fetch says "fetch failed" and hides the reason (ECONNREFUSED …) in the cause. */
function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return networkReason(error.cause);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return error.message ? `${code}: ${error.message}` : code;
}

function refusal(request: UpstreamRequest, response: Response, body: Uint8Array): Error {
  const { status } = response;
  const detail = detailOf(response, body, request.secrets);
  const message = `${request.upstream} answered ${status} to ${request.purpose}: ${detail}`;
  if (status >= 400 && status < 500 && !RETRYABLE_4XX.includes(status)) {
    return new UpstreamRefusal(status, message);
  }
  const seconds = parseRetryAfter(response.headers.get('retry-after'), request.now());
  const failed = new UpstreamError(request.upstream, status, message);
  return seconds === null ? failed : new RetryAfter(seconds, message, { cause: failed });
}

/** The service's own words, from `{message}`; a page of HTML says nothing worth keeping. */
function detailOf(response: Response, body: Uint8Array, secrets: readonly string[]): string {
  const told = ErrorBody.safeParse(parseJson(body));
  const words = told.success ? told.data.message : response.statusText || 'no message';
  // Redacted before it is cut: half a token would no longer be recognised.
  return redact(words, secrets).slice(0, LONGEST_DETAIL);
}

/** Gives undefined, which no JSON text does, for a body that is not JSON: its SyntaxError would quote the body. */
function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
}
