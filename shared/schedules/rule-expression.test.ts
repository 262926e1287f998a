import awsCronParser from 'aws-cron-parser';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crons, expectedFires, zones } from './fixtures/expected-fires.ts';
import { ruleExpression } from './rule-expression.ts';

const newYear = Date.UTC(2026, 0, 1);

function parse(expression: string) {
  return awsCronParser.parse(/^cron\((.+)\)$/.exec(expression)?.[1] ?? '');
}

/** Whether a rule fires at a minute, by the fields that another reader of EventBridge's expressions finds. */
function fires(rule: ReturnType<typeof parse>, slot: number): boolean {
  const at = new Date(slot);
  const has = (values: readonly unknown[], value: number) => values.length === 0 || values.includes(value);
  return (
    has(rule.minutes, at.getUTCMinutes()) &&
    has(rule.hours, at.getUTCHours()) &&
    has(rule.daysOfMonth, at.getUTCDate()) &&
    has(rule.months, at.getUTCMonth() + 1) &&
    has(rule.daysOfWeek, at.getUTCDay() + 1)
  );
}

describe('the rule of a schedule', () => {
  it.each([
    ['0 2 * * *', 'UTC', 'cron(0 2 * * ? *)'],
    ['*/15 * * * *', 'UTC', 'cron(0,15,30,45 * * * ? *)'],
    ['* * * * *', 'Europe/Berlin', 'cron(* * * * ? *)'],
    ['0 9 * * SUN', 'UTC', 'cron(0 9 ? * 1 *)'],
    ['0 18 * * MON-FRI', 'UTC', 'cron(0 18 ? * 2-6 *)'],
    ['0 8 1,15 1-3 *', 'UTC', 'cron(0 8 1,15 1-3 ? *)'],
    ['0 6 * * *', 'America/New_York', 'cron(0 10,11 * * ? *)'],
    // The days are those in UTC: the evening of New York is the next day.
    ['0 22 * * MON-FRI', 'America/New_York', 'cron(0 2,3 ? * 3-7 *)'],
    ['0 22 * * SAT', 'America/New_York', 'cron(0 2,3 ? * 1 *)'],
    ['0 0 1 * *', 'Asia/Kolkata', 'cron(30 18 28-31 * ? *)'],
    ['0 0 1 1 *', 'Asia/Kolkata', 'cron(30 18 28-31 1,12 ? *)'],
    ['0 23 31 12 *', 'America/New_York', 'cron(0 3,4 1 1,12 ? *)'],
    ['0 23 28 2 *', 'America/New_York', 'cron(0 3,4 1,29 2,3 ? *)'],
    // 30 2 does not exist on one day, on which it runs at 03:00, which is 07:00 in UTC.
    ['30 2 * * *', 'America/New_York', 'cron(0,30 6,7 * * ? *)'],
    // The clocks of New York change on Sundays.
    ['30 2 * * MON', 'America/New_York', 'cron(30 6,7 ? * 2 *)'],
    ['30 * * * *', 'America/New_York', 'cron(30 * * * ? *)'],
  ])('%s in %s is %s', (cron, timeZone, expression) => {
    expect(ruleExpression({ cron, timeZone })).toBe(expression);
  });

  it.each(zones)('fires at every minute of a year at which the schedule is due in %s', (timeZone) => {
    fc.assert(
      fc.property(crons(), (cron) => {
        const expression = ruleExpression({ cron, timeZone });
        const rule = parse(expression);
        expect(expression.length).toBeLessThanOrEqual(256);
        const missed = expectedFires({ cron, timeZone }, newYear, 365).filter((slot) => !fires(rule, slot));
        expect(missed).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('fires at no other minute in UTC', () => {
    fc.assert(
      fc.property(crons(), (cron) => {
        const rule = parse(ruleExpression({ cron, timeZone: 'UTC' }));
        const slots = Array.from({ length: 31 * 1440 }, (_, index) => newYear + index * 60_000);
        expect(slots.filter((slot) => fires(rule, slot))).toEqual(
          expectedFires({ cron, timeZone: 'UTC' }, newYear, 31),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('has each due minute as the next firing of the minute before', () => {
    const timing = { cron: '30 2 * * *', timeZone: 'America/New_York' };
    const rule = parse(ruleExpression(timing));
    for (const slot of expectedFires(timing, newYear, 365)) {
      expect(awsCronParser.next(rule, new Date(slot - 1))?.getTime()).toBe(slot);
    }
  });

  it('refuses a zone that nobody knows', () => {
    expect(() => ruleExpression({ cron: '0 2 * * *', timeZone: 'Mars/Olympus' })).toThrow(RangeError);
  });
});
