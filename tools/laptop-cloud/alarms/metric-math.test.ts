import { describe, expect, it } from 'vitest';
import type { Series } from './alarm.ts';
import { workOut } from './metric-math.ts';
import { parseExpression } from './parse-expression.ts';

const metrics: Record<string, Series> = {
  m1: [1, 2, null, 4],
  m2: [10, 0, 30, null],
  none: [null, null, null, null],
};

function math(source: string): Series {
  return workOut(parseExpression(source, 'math'), {
    length: 4,
    lookUp: (id) => metrics[id] ?? null,
    metrics: () => [metrics['m1'] ?? [], metrics['m2'] ?? []],
  });
}

describe('metric math', () => {
  it.each<[string, Series]>([
    ['m1', [1, 2, null, 4]],
    ['m1 + m2', [11, 2, null, null]],
    ['m1 / m2 * 100', [10, null, null, null]],
    ['100 * m1', [100, 200, null, 400]],
    ['-m1', [-1, -2, null, -4]],
    ['m1 ^ 2', [1, 4, null, 16]],
    ['m1 > 1', [0, 1, null, 1]],
    ['m1 > 1 AND m2 == 0', [0, 1, null, null]],
    ['m1 == 1 || m2 == 0', [1, 1, null, null]],
    ['SUM([m1, m2])', [11, 2, 30, 4]],
    ['SUM(METRICS())', [11, 2, 30, 4]],
    ['MAX([m1, m2])', [10, 2, 30, 4]],
    ['MIN([m1, m2])', [1, 0, 30, 4]],
    ['AVG([m1, m2])', [5.5, 1, 30, 4]],
    ['SUM([none, none])', [null, null, null, null]],
    ['m1 / SUM(m1)', [1 / 7, 2 / 7, null, 4 / 7]],
    ['m1 * MAX(none)', [null, null, null, null]],
    ['FILL(m1, 0) + FILL(m2, 0)', [11, 2, 30, 4]],
    ['FILL(m1, REPEAT)', [1, 2, 2, 4]],
    ['FILL(m1, m2)', [1, 2, 30, 4]],
    ['SUM(FILL(METRICS(), 1))', [11, 2, 31, 5]],
    ['IF(m1 > 1, m2, 7)', [7, 0, null, null]],
    ['IF(m1 > 1, m2)', [null, 0, null, null]],
    ['IF(1, m1, m2)', [1, 2, null, 4]],
    ['CEIL(m1 / 3) + FLOOR(m1 / 3) + ABS(-m1)', [2, 3, null, 7]],
    ['SUM(METRICS() * 2)', [22, 4, 60, 8]],
  ])('%s', (source, expected) => {
    expect(math(source)).toEqual(expected);
  });

  it.each([
    ['m9', 'the id m9 is not known'],
    ['RATE(m1)', 'the function RATE is not known: teach it to tools/laptop-cloud/alarms/metric-math.ts'],
    ['FILL(m1, LINEAR)', 'FILL with LINEAR is not known'],
    ["SUM(METRICS('errors'))", 'METRICS with a filter is not known'],
    ['NOT m1', 'the operator NOT is not known'],
    ['IF(m1)', 'IF has the wrong arguments'],
    ['SUM(m1)', 'gives one series'],
    ['[m1, m2]', 'gives one series'],
    ['"m1"', 'does not fit into metric math'],
    ['[m1, 2]', 'a number in a list'],
    ['METRICS() + METRICS()', 'two lists'],
  ])('%s is refused: %s', (source, message) => {
    expect(() => math(source)).toThrow(message);
  });
});
