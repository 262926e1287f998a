import { describe, expect, it } from 'vitest';
import { createLaptopClock } from './laptop-clock.ts';

describe('the laptop clock', () => {
  it('is real time plus what it was advanced by', () => {
    const clock = createLaptopClock();
    expect(clock.offset()).toBe(0);
    clock.advance(1_500);
    clock.advance(0.4);
    expect(clock.offset()).toBe(1_500);
    const before = Date.now();
    expect(clock.now()).toBeGreaterThanOrEqual(before + 1_500);
    expect(clock.now()).toBeLessThanOrEqual(Date.now() + 1_500);
  });

  it('continues from an earlier offset', () => {
    expect(createLaptopClock({ offset: 60_000 }).offset()).toBe(60_000);
  });

  it('holds the offset in the shared buffer', () => {
    const clock = createLaptopClock();
    clock.advance(365 * 86_400_000);
    expect(new BigInt64Array(clock.buffer)[0]).toBe(31_536_000_000n);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('does not go %d ms', (ms) => {
    const clock = createLaptopClock();
    expect(() => clock.advance(ms)).toThrow(RangeError);
    expect(clock.offset()).toBe(0);
  });

  it('tells its listeners after it moved, until they leave', () => {
    const clock = createLaptopClock();
    const seen: number[] = [];
    const leave = clock.onAdvance(() => seen.push(clock.offset()));
    clock.advance(1);
    leave();
    clock.advance(1);
    expect(seen).toEqual([1]);
  });
});
