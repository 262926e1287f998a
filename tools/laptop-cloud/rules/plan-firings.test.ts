import { describe, expect, it } from 'vitest';
import { parseSchedule } from './parse-schedule.ts';
import { planFirings } from './plan-firings.ts';

const START = Date.parse('2026-11-01T12:00:00Z');
const MINUTE = 60_000;
const rule = (name: string, expression: string) => ({
  name,
  schedule: parseSchedule(expression),
  anchor: START,
});
const plan = (rules: ReturnType<typeof rule>[], minutes: number, mostPerRule = 200) =>
  planFirings(rules, { from: () => START, to: START + minutes * MINUTE, mostPerRule });

describe('a plan of firings', () => {
  it('is in order of time over all rules, the end of the window included', () => {
    const { firings, coalesced } = plan(
      [rule('threes', 'rate(3 minutes)'), rule('twos', 'rate(2 minutes)')],
      6,
    );
    expect(firings.map(({ rule: { name }, at }) => `${(at - START) / MINUTE} ${name}`)).toEqual([
      '2 twos',
      '3 threes',
      '4 twos',
      '6 threes',
      '6 twos',
    ]);
    expect(coalesced).toEqual([]);
  });

  it('thins out evenly what is due too often, keeps the last moment, and says how many it left out', () => {
    const { firings, coalesced } = plan(
      [rule('minutely', 'rate(1 minute)'), rule('hourly', 'rate(1 hour)')],
      1440,
    );
    const minutely = firings
      .filter(({ rule: { name } }) => name === 'minutely')
      .map(({ at }) => (at - START) / MINUTE);
    expect(minutely).toHaveLength(180);
    expect(minutely.slice(0, 2)).toEqual([8, 16]);
    expect(minutely.at(-1)).toBe(1440);
    expect(coalesced).toEqual([{ rule: 'minutely', skipped: 1260 }]);
    expect(firings).toHaveLength(180 + 24);
  });

  it('leaves a rule alone that is due exactly as often as it may be', () => {
    expect(plan([rule('minutely', 'rate(1 minute)')], 5, 5)).toMatchObject({
      firings: { length: 5 },
      coalesced: [],
    });
  });
});
