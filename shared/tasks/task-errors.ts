/** Thrown by a task for a failure that no retry can mend: the task ends FAILURE at once, without a dead letter. */
export class PermanentError extends Error {
  override name = 'PermanentError';
}

/** Thrown by a task to choose its own retry delay, for example from an upstream's Retry-After header. */
export class RetryAfter extends Error {
  override name = 'RetryAfter';
  readonly seconds: number;

  constructor(seconds: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.seconds = seconds;
  }
}
