import * as z from 'zod';

/** The header as callers spell it. */
export const idempotencyHeader = 'Idempotency-Key';

/**
 * The header's value, taken as it is sent. Source: draft-ietf-httpapi-idempotency-key-header, which wants it quoted;
 * most clients do not, so quotes are part of the key.
 */
export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters, without spaces');
