import { describe, expect, it } from 'vitest';
import { parseCron } from './cron-fields.ts';

describe('a field of a cron expression', () => {
  it.each([
    ['0,30 * * * *', { minutes: [0, 30] }],
    ['*/15 * * * *', { minutes: [0, 15, 30, 45] }],
    ['10-40/15 * * * *', { minutes: [10, 25, 40] }],
    ['5,1-3,2 * * * *', { minutes: [1, 2, 3, 5] }],
    ['0 9-17/4,22 * * *', { hours: [9, 13, 17, 22] }],
    ['0 0 1,15 * *', { daysOfMonth: [1, 15] }],
    ['0 0 29 FEB *', { months: [2] }],
    ['0 0 * jan-Mar,12 *', { months: [1, 2, 3, 12] }],
    ['0 0 * * MON-FRI', { daysOfWeek: [1, 2, 3, 4, 5] }],
    ['0 0 * * SAT-7', { daysOfWeek: [0, 6] }],
    ['0 0 * * 0,7', { daysOfWeek: [0] }],
    ['  0   0 * * *  ', { minutes: [0], hours: [0] }],
  ])('is read: %s', (cron, fields) => {
    expect(parseCron(cron)).toMatchObject(fields);
  });

  it('names every value when it is a star', () => {
    const { minutes, hours, daysOfMonth, months, daysOfWeek } = parseCron('* * * * *');
    const ends = [minutes, hours, daysOfMonth, months, daysOfWeek].map((each) => [each[0], each.at(-1)]);
    expect(ends).toEqual([
      ...[
        [0, 59],
        [0, 23],
      ],
      ...[
        [1, 31],
        [1, 12],
        [0, 6],
      ],
    ]);
  });

  it.each([
    ['0 2 * *', 'has 4 fields'],
    ['0 0 2 * * *', 'has 6 fields'],
    ['60 * * * *', 'minute "60" must be between 0 and 59'],
    ['0 24 * * *', 'hour "24"'],
    ['0 0 0 * *', 'day of month "0"'],
    ['0 0 * 13 *', 'month "13"'],
    ['0 0 * * 8', 'day of week "8"'],
    ['0 0 * MON *', 'month "MON"'],
    ['0/5 * * * *', 'minute "0/5" has a step without a range: write 0-59/5'],
    ['*/0 * * * *', 'step of 0'],
    ['5-1 * * * *', 'goes backwards'],
    ['*-5 * * * *', 'is no cron field'],
    ['1,,2 * * * *', 'minute "" is no cron field'],
    ['1.5 * * * *', 'is no cron field'],
    ['@daily', 'has 1 fields'],
    ['0 0 L * *', 'day of month "L"'],
    ['0 0 1 * MON', 'give day of month or day of week'],
    ['0 0 30,31 2 *', 'no such month has a day 30'],
    ['0 0 31 4,6 *', 'no such month has a day 31'],
  ])('is refused: %s', (cron, reason) => {
    expect(() => parseCron(cron)).toThrow(reason);
  });
});
