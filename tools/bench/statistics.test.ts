import { describe, expect, it } from 'vitest';
import { median, tenths } from './statistics.ts';

describe('median', () => {
  it.each([
    [[3], 3],
    [[4, 1], 2.5],
    [[10, 2, 30], 10],
    [[4, 1, 3, 2], 2.5],
  ])('of %j is %d', (values, middle) => {
    expect(median(values)).toBe(middle);
  });

  it('of nothing is an error', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('tenths', () => {
  it('rounds to a tenth', () => {
    expect(tenths(12.3456)).toBe(12.3);
  });
});
