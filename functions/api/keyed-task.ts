import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { Problem, validationProblem } from '#functions/runtime/problem.ts';
import { keyedId } from '#shared/lifecycle/keyed-id.ts';
import type { Submission } from '#shared/pipeline/submit.ts';
import { idempotencyHeader } from './idempotency-key.ts';

/**
 * What makes submissions with the same key one task: an id that follows from tenant, task and key, and a digest that
 * tells whether they ask for the same. Throws a Problem (422) for a body that has no canonical form (RFC 8785): half of
 * a surrogate pair, a number that is too large.
 */
export function keyedTask(
  key: string,
  tenant: string,
  body: { readonly task: string; readonly input: unknown },
): Required<Pick<Submission, 'taskId' | 'digest'>> {
  return {
    taskId: keyedId('idempotency', tenant, body.task, key),
    digest: createHash('sha256').update(canonical(body)).digest('hex'),
  };
}

function canonical(body: object): string {
  try {
    return canonicalize(body) ?? '';
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'not canonical';
    throw validationProblem([
      { path: 'input', message: `cannot be compared, as ${idempotencyHeader} asks for: ${reason}` },
    ]);
  }
}

/** The 409 of a key that came with something else before. */
export function keyReused(taskId: string): Problem {
  const message =
    'was sent with another body before: use a new key for a new task, or send the first body again';
  return new Problem('conflict', `${idempotencyHeader} ${message}`, {
    errors: [{ path: idempotencyHeader, message }],
    headers: { location: `/api/v1/tasks/${taskId}` },
  });
}
