import fc from 'fast-check';
import { validate, version } from 'uuid';
import { expect, it } from 'vitest';
import { keyedId } from './keyed-id.ts';

const words = fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 });

it('is a UUIDv8 that keeps its value: stored locks and tasks are found by it', () => {
  expect(keyedId('unique', 'acme', 'convert', 'item-1')).toBe('050cf348-f8e1-8ee7-89b2-f1c4cf41decd');
});

it('has the shape of a UUIDv8, whatever the words', () => {
  fc.assert(
    fc.property(words, (some) => {
      const id = keyedId(...some);
      expect([validate(id), version(id)]).toEqual([true, 8]);
      expect(keyedId(...some)).toBe(id);
    }),
  );
});

it('differs for other words, and for the same letters cut otherwise', () => {
  fc.assert(
    fc.property(words, words, (some, others) => {
      fc.pre(JSON.stringify(some) !== JSON.stringify(others));
      expect(keyedId(...some)).not.toBe(keyedId(...others));
    }),
  );
  const ids = [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', ''], ['', 'abc'], ['a","b']].map((some) =>
    keyedId(...some),
  );
  expect(new Set([...ids, keyedId('a', 'b')]).size).toBe(7);
});
