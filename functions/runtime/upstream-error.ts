import { PermanentError } from '#shared/tasks/task-errors.ts';

/**
 * Thrown when an outside service failed in a way that may pass: no connection, no answer in time, 5xx, 429
 * without a delay, or an answer that makes no sense. The queue retries it by the task's own backoff.
 */
export class UpstreamError extends Error {
  override name = 'UpstreamError';
  /** The service's name, as in the message. */
  readonly upstream: string;
  /** The HTTP status it answered; null when there was no answer to read. */
  readonly status: number | null;

  constructor(upstream: string, status: number | null, message: string, options?: ErrorOptions) {
    super(message, options);
    this.upstream = upstream;
    this.status = status;
  }
}

/** An outside service refused the request itself (4xx): asking again would not help. */
export class UpstreamRefusal extends PermanentError {
  override name = 'UpstreamRefusal';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
