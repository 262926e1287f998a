import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { faultsOf, Problem, problemReply, validationProblem } from './problem.ts';

const shape = z.strictObject({
  latitude: z.number().max(90),
  tags: z.array(z.string().min(1)),
  inner: z.strictObject({ a: z.string() }),
});

function faults(value: unknown, prefix?: string[]) {
  const { error } = shape.safeParse(value);
  return error ? faultsOf(error, prefix) : [];
}

describe('faultsOf', () => {
  it('names each fault by its path, unknown fields one by one', () => {
    const value = { latitude: 91, tags: ['x', ''], inner: { a: 'a', b: 1, c: 2 }, extra: true };
    expect(faults(value).map(({ path }) => path)).toEqual([
      'latitude',
      'tags.1',
      'inner.b',
      'inner.c',
      'extra',
    ]);
    expect(faults(value).at(-1)?.message).toBe('this field is not known');
  });

  it('puts the prefix before every path and keeps it for the value as a whole', () => {
    expect(faults({ latitude: 91, tags: [], inner: { a: '' } }, ['input'])).toMatchObject([
      { path: 'input.latitude' },
    ]);
    expect(faults(7, ['input'])).toMatchObject([{ path: 'input' }]);
  });
});

describe('problemReply', () => {
  it('has one shape, with the headers of the problem', () => {
    const reply = problemReply(
      new Problem('unauthenticated', 'who?', { headers: { 'www-authenticate': 'Bearer' } }),
    );
    expect(reply).toMatchObject({
      statusCode: 401,
      headers: { 'content-type': 'application/problem+json', 'www-authenticate': 'Bearer' },
    });
    expect(JSON.parse(reply.body)).toEqual({
      type: '/problems/unauthenticated',
      title: 'A valid bearer token is needed',
      status: 401,
      detail: 'who?',
      errors: [],
    });
  });

  it('sums up several faults in the detail', () => {
    const problem = validationProblem([
      { path: 'name', message: 'too long' },
      { path: 'latitude', message: 'too large' },
    ]);
    expect(problem.message).toBe('name: too long (and 1 more)');
    expect(problem.errors).toHaveLength(2);
  });
});
