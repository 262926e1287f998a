import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeError } from './describe-error.ts';
import { taskError } from './task-record.ts';

const boom = () => {
  throw new Error('trap');
};
const trapped = (target: object) =>
  new Proxy(target, { get: boom, has: boom, getPrototypeOf: boom, ownKeys: boom });

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** An error whose part `name` is a getter. */
function withGetter(name: string, get: () => unknown): Error {
  return Object.defineProperty(new Error('as usual'), name, { get });
}

function cyclic(): object {
  const object: Record<string, unknown> = {};
  return Object.assign(object, { object });
}

function chain(length: number): Error {
  let error = new Error('0');
  for (let depth = 1; depth < length; depth++) error = new Error(`${depth}`, { cause: error });
  return error;
}

const endless = (): Error => withGetter('cause', endless);
const longSlice = Object.assign([], { length: 1e9, slice: boom });
const selfish = new AggregateError([]);
selfish.errors = [selfish, selfish];

const curiosities: Record<string, unknown> = {
  'a symbol': Symbol('why'),
  'a function': () => 'why',
  'a function without text': Object.assign(() => 1, { toString: boom }),
  'an object that has itself': cyclic(),
  'an object with a BigInt': { n: 10n },
  'an object whose JSON throws nonsense': {
    toJSON: () => Promise.resolve().then.call(null as never, undefined),
  },
  'an object whose JSON throws a revoked proxy': {
    toJSON() {
      throw revoked({});
    },
  },
  'an object without a prototype': Object.assign(Object.create(null), { code: 4 }),
  'an error without a prototype': Object.setPrototypeOf(new Error('lost'), null),
  'an object that only looks like an error': { name: 'Error', message: 'boom', stack: 'at' },
  'a heir of errors that is none': Object.create(Error.prototype),
  'a revoked proxy': revoked({}),
  'a revoked proxy of an error': revoked(new Error('gone')),
  'a revoked proxy of a function': revoked(() => 1),
  'a proxy that throws': trapped({}),
  'a proxy of an error that throws': trapped(new Error('gone')),
  'an error caused by a revoked proxy': new Error('outer', { cause: revoked({}) }),
  'an error that gathers a revoked proxy': new AggregateError([revoked({}), revoked([])], 'outer'),
  'an error whose errors are a revoked proxy': Object.assign(new Error('outer'), { errors: revoked([]) }),
  'an error that gathers too many': Object.assign(new Error('outer'), { errors: longSlice }),
  'an error that gathers itself': selfish,
  'an error with endless causes': endless(),
  'an error with a long chain of causes': chain(20_000),
  'a huge text': 'x'.repeat(50_000_000),
  'a huge error': new Error('x'.repeat(50_000_000)),
  'a huge object': { list: Array.from({ length: 200_000 }, (_, index) => index) },
  'a deep object': Array.from({ length: 100_000 }).reduce((inner) => ({ inner }), null),
  ...Object.fromEntries(
    ['name', 'message', 'stack', 'cause', 'errors'].flatMap((part) => [
      [`an error whose ${part} throws`, withGetter(part, boom)],
      [`an error whose ${part} is a symbol`, withGetter(part, () => Symbol('why'))],
      [`an error whose ${part} is a revoked proxy`, withGetter(part, () => revoked([]))],
      [`an error whose ${part} is huge`, withGetter(part, () => 'x'.repeat(1_000_000))],
    ]),
  ),
};

/** What a store can keep of a failure, within a few kilobytes. */
function expectKeepable(thrown: unknown): void {
  const error = describeError(thrown, 3);
  expect(taskError.parse(error)).toEqual(error);
  const { type, message, stack } = error;
  expect(error.attempt).toBe(3);
  expect(type).not.toBe('');
  expect([type, message, stack ?? ''].every((text) => text.isWellFormed())).toBe(true);
  expect(type.length).toBeLessThanOrEqual(100);
  expect(message.length).toBeLessThanOrEqual(1000);
  expect(stack?.length ?? 0).toBeLessThanOrEqual(4000);
}

describe('whatever is thrown can be recorded', () => {
  it.each(Object.keys(curiosities))('%s', (name) => {
    expectKeepable(curiosities[name]);
  });

  it('any value, by itself, as a message or as a cause', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        expectKeepable(value);
        expectKeepable(Object.assign(new Error('outer', { cause: value }), { message: value, name: value }));
        expectKeepable(new AggregateError([value, value], 'outer'));
      }),
    );
  });

  it('and what is readable of it is kept', () => {
    expect(describeError(withGetter('name', boom), 1)).toMatchObject({ type: 'Error', message: 'as usual' });
    expect(describeError(withGetter('message', boom), 1)).toMatchObject({ message: 'Error' });
    expect(describeError(withGetter('stack', boom), 1)).toMatchObject({ message: 'as usual', stack: null });
    expect(describeError(chain(30), 1).message).toMatch(/^29: 28: 27/);
    expect(describeError(new Error('outer', { cause: revoked({}) }), 1).message).toMatch(
      /^outer: a thrown value/,
    );
  });
});
