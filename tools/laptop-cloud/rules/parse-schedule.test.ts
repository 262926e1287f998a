import { describe, expect, it } from 'vitest';
import { nextFiring } from './next-firing.ts';
import { parseSchedule } from './parse-schedule.ts';

/** 1 November 2026 is a Sunday. */
const SUNDAY_NOON = Date.parse('2026-11-01T12:00:00Z');

const nextAfter = (expression: string, from = SUNDAY_NOON, anchor = from) => {
  const next = nextFiring(parseSchedule(expression), from, anchor);
  return next === null ? null : new Date(next).toISOString();
};

describe('a rate', () => {
  it.each([
    ['rate(1 minute)', '2026-11-01T12:01:00.000Z'],
    ['rate(5 minutes)', '2026-11-01T12:05:00.000Z'],
    ['rate(1 hour)', '2026-11-01T13:00:00.000Z'],
    ['rate(2 days)', '2026-11-03T12:00:00.000Z'],
  ])('%s counts from when the rule was created', (expression, next) => {
    expect(nextAfter(expression)).toBe(next);
  });

  it('keeps its pace whenever it is asked', () => {
    expect(nextAfter('rate(5 minutes)', SUNDAY_NOON + 299_999, SUNDAY_NOON)).toBe('2026-11-01T12:05:00.000Z');
    expect(nextAfter('rate(5 minutes)', SUNDAY_NOON + 300_000, SUNDAY_NOON)).toBe('2026-11-01T12:10:00.000Z');
  });

  it('is due first one period after its creation, also when asked about the time before', () => {
    expect(nextAfter('rate(1 hour)', SUNDAY_NOON - 86_400_000, SUNDAY_NOON)).toBe('2026-11-01T13:00:00.000Z');
  });
});

describe('a cron expression', () => {
  it.each([
    ['cron(0 10 * * ? *)', '2026-11-02T10:00:00.000Z'],
    ['cron(0/15 * * * ? *)', '2026-11-01T12:15:00.000Z'],
    ['cron(0 18 ? * MON-FRI *)', '2026-11-02T18:00:00.000Z'],
    ['cron(0 0 ? * 2#1 *)', '2026-11-02T00:00:00.000Z'],
    ['cron(0 8 L * ? *)', '2026-11-30T08:00:00.000Z'],
    ['cron(0 0 29 FEB ? *)', '2028-02-29T00:00:00.000Z'],
    ['cron(0 0 31 * ? *)', '2026-12-31T00:00:00.000Z'],
  ])('%s is due in UTC', (expression, next) => {
    expect(nextAfter(expression)).toBe(next);
  });

  it('is due strictly after the moment asked about', () => {
    expect(nextAfter('cron(0 12 * * ? *)')).toBe('2026-11-02T12:00:00.000Z');
    expect(nextAfter('cron(0 12 * * ? *)', SUNDAY_NOON - 1)).toBe('2026-11-01T12:00:00.000Z');
  });

  it('is never due again after its last year', () => {
    expect(nextAfter('cron(0 0 30 2 ? *)')).toBeNull();
    expect(nextAfter('cron(0 8 1 1 ? 2020)')).toBeNull();
  });
});

describe('a wrong expression', () => {
  it.each([
    ['every minute', 'neither rate(…) nor cron(…)'],
    ['rate(1 hours)', 'must be hour for 1'],
    ['rate(5 minute)', 'must be minutes for 5'],
    ['rate(0 minutes)', 'positive whole number'],
    ['rate(1.5 hours)', 'positive whole number'],
    ['rate(30 seconds)', 'positive whole number'],
    ['cron(0 10 * * *)', '5 fields'],
    ['cron(0 10 * * * *)', 'exactly one'],
    ['cron(0 10 ? * ? *)', 'exactly one'],
    ['cron(61 10 * * ? *)', '61'],
    ['cron(a 10 * * ? *)', '"a" is no minutes'],
  ])('%s is refused', (expression, reason) => {
    expect(() => parseSchedule(expression)).toThrow(reason);
  });
});
