import { describe, expect, it } from 'vitest';
import { describeError } from './describe-error.ts';

describe('describeError', () => {
  it('keeps name, message, causes and stack of an error', () => {
    const thrown = new TypeError('cannot read', { cause: new Error('socket closed') });
    const error = describeError(thrown, 2);
    expect(error).toMatchObject({ type: 'TypeError', message: 'cannot read: socket closed', attempt: 2 });
    expect(error.stack).toContain('describe-error.test.ts');
  });

  it('ends at a cause that was already seen', () => {
    const first = new Error('first');
    first.cause = new Error('second', { cause: first });
    expect(describeError(first, 1).message).toBe('first: second');
  });

  it('does not repeat the words of a cause that was only wrapped', () => {
    const thrown = new Error('Mapbox answered 503', { cause: new Error('Mapbox answered 503') });
    expect(describeError(thrown, 1).message).toBe('Mapbox answered 503');
  });

  it.each([
    ['a string', 'boom', 'string', 'boom'],
    ['null', null, 'object', 'null'],
    ['undefined', undefined, 'undefined', 'undefined'],
    ['a BigInt', 7n, 'bigint', '7'],
    ['an object', { code: 4 }, 'object', '{"code":4}'],
    ['an object without JSON', { toJSON: () => undefined }, 'object', 'undefined'],
    ['an object with a BigInt', { n: 1n }, 'object', 'a thrown value that cannot be shown (TypeError)'],
  ])('describes %s', (_, thrown, type, message) => {
    expect(describeError(thrown, 1)).toEqual({ type, message, stack: null, attempt: 1 });
  });

  it('describes an error whose parts are no texts', () => {
    const thrown = Object.assign(new Error(), { name: undefined, message: { code: 4 }, stack: 7 });
    expect(describeError(thrown, 1)).toEqual({
      ...{ type: 'undefined', message: '{"code":4}', stack: null, attempt: 1 },
    });
  });

  it('cuts no character in two', () => {
    const { message, stack } = describeError(new Error('😀'.repeat(5000).slice(1)), 1);
    expect([message, stack].map((text) => text?.isWellFormed())).toEqual([true, true]);
  });

  it('tells the errors that one gathers, as Promise.any throws it', async () => {
    const broken = [new Error('first mirror', { cause: new Error('refused') }), 'second mirror', undefined];
    const thrown: unknown = await Promise.any(broken.map((reason) => Promise.reject(reason))).catch((e) => e);
    const error = describeError(thrown, 1);
    expect(error).toMatchObject({
      type: 'AggregateError',
      message: 'All promises were rejected: first mirror: second mirror: refused',
    });
  });

  it('bounds message and stack', () => {
    const error = describeError(new Error('x'.repeat(100_000)), 1);
    expect(error.message).toHaveLength(1000);
    expect(error.stack).toHaveLength(4000);
  });
});
