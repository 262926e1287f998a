import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRate } from './rate-limit.ts';

describe('a rate limit', () => {
  it.each([
    ['10/m', { count: 10, periodMs: 60_000 }],
    ['1/s', { count: 1, periodMs: 1000 }],
    ['999999/h', { count: 999_999, periodMs: 3_600_000 }],
  ])('is read as Celery writes it: %s', (text, rate) => {
    expect(parseRate(text)).toEqual(rate);
  });

  it('is read whatever the number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999 }), fc.constantFrom('s', 'm', 'h'), (count, unit) => {
        expect(parseRate(`${count}/${unit}`).count).toBe(count);
      }),
    );
  });

  it.each([
    '',
    '10',
    '10/',
    '/m',
    '0/m',
    '010/m',
    '-1/m',
    '1.5/m',
    '1e3/m',
    '10/d',
    '10/M',
    ' 10/m',
    '10/m\n',
  ])('is refused as %j, and told how to write it', (text) => {
    expect(() => parseRate(text)).toThrow(TypeError);
    expect(() => parseRate(text)).toThrow('for example 10/m');
  });

  it('is refused for any text that does not read the same again', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{0,8}\/[smhd]?$/)), (text) => {
        let count: number;
        try {
          count = parseRate(text).count;
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return;
        }
        expect(text.slice(0, -2)).toBe(String(count));
      }),
    );
  });
});
