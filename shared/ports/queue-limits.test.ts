import { describe, expect, it } from 'vitest';
import { wholeDelay, wholeVisibility } from './queue-limits.ts';

describe('queue limits', () => {
  it('round a delay up to whole seconds', () => {
    expect([0, 0.001, 60.2, 900].map(wholeDelay)).toEqual([0, 1, 61, 900]);
  });

  it.each([-1, 900.1, Number.POSITIVE_INFINITY, Number.NaN])('refuse a delay of %d seconds', (seconds) => {
    expect(() => wholeDelay(seconds)).toThrow(RangeError);
  });

  it('bring a visibility into what SQS takes', () => {
    expect([-3, 0, 1.5, 43_200, 90_000].map(wholeVisibility)).toEqual([0, 0, 2, 43_200, 43_200]);
  });
});
