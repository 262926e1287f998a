import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addValue, countSamples, createDatapoint, type Statistic, statisticOf } from './datapoint.ts';

function pointOf(values: readonly number[]) {
  const point = createDatapoint();
  for (const value of values) addValue(point, value);
  return point;
}

describe('the statistics of some values', () => {
  const points = [pointOf([3, 1]), pointOf([]), pointOf([5, 5, 6])];
  it.each<[Statistic, number]>([
    ['Sum', 20],
    ['Average', 4],
    ['Minimum', 1],
    ['Maximum', 6],
    ['SampleCount', 5],
    ['p0', 1],
    ['p20', 1],
    ['p20.1', 3],
    ['p50', 5],
    ['p80', 5],
    ['p99', 6],
    ['p100', 6],
  ])('%s is %d', (statistic, expected) => {
    expect(statisticOf(points, statistic)).toBe(expected);
  });

  it('are none of no values', () => {
    for (const statistic of ['Sum', 'SampleCount', 'p99'] as const) {
      expect(statisticOf([createDatapoint()], statistic)).toBeNull();
      expect(statisticOf([], statistic)).toBeNull();
    }
  });

  it('are the same however the values lie over the minutes', () => {
    const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(values, fc.nat(40), fc.integer({ min: 1, max: 100 }), (all, cut, percent) => {
        const apart = [pointOf(all.slice(0, cut)), pointOf(all.slice(cut))];
        const sorted = all.toSorted((one, other) => one - other);
        const rank = Math.ceil((percent / 100) * all.length);
        expect(statisticOf(apart, `p${percent}`)).toBe(sorted[rank - 1]);
        expect(statisticOf(apart, 'Sum')).toBe(all.reduce((sum, value) => sum + value, 0));
        expect(statisticOf(apart, 'Maximum')).toBe(Math.max(...all));
        expect(countSamples(apart)).toBe(all.length);
      }),
    );
  });
});

it('needs little room for many values, and is off by 5 % at most then', () => {
  const point = pointOf(Array.from({ length: 100_000 }, (_none, index) => ((index * 7919) % 100_000) + 0.5));
  expect(point.times.size).toBeLessThan(2_000);
  expect(point).toMatchObject({ samples: 100_000, minimum: 0.5, maximum: 99_999.5, sum: 5_000_000_000 });
  for (const percent of [50, 90, 99] as const) {
    const found = statisticOf([point], `p${percent}`) ?? 0;
    expect(Math.abs(found / (percent * 1000) - 1)).toBeLessThan(0.05);
  }
});
