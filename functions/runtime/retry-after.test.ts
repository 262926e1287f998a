import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONGEST_RETRY_AFTER, parseRetryAfter } from './retry-after.ts';

const now = new Date('1994-11-06T08:49:00.250Z');

describe('parseRetryAfter', () => {
  it.each([
    ['0', 0],
    ['120', 120],
    [' 7 ', 7],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 37],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 37],
    ['Sun Nov  6 08:49:37 1994', 37],
    ['Sun, 06 Nov 1994 08:48:00 GMT', 0],
    ['Sun, 06 Nov 2094 08:48:00 GMT', LONGEST_RETRY_AFTER],
    ['9'.repeat(400), LONGEST_RETRY_AFTER],
  ])('reads %s as %i s', (header, seconds) => {
    expect(parseRetryAfter(header, now)).toBe(seconds);
  });

  it.each([
    null,
    '',
    'soon',
    '-5',
    '1.5',
    '0x10',
    '1e3',
    '2094-11-06T08:49:37Z',
    'Sunday, tomorrow',
    'Nov 7 1994',
  ])('cannot read %s', (header) => {
    expect(parseRetryAfter(header, now)).toBeNull();
  });

  it('never sends before the date it was given, nor more than a second after', () => {
    const instants = fc.date({
      min: new Date('2026-01-01'),
      max: new Date('2026-01-02'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, fc.integer({ min: 1, max: LONGEST_RETRY_AFTER - 1 }), (from, wait) => {
        const date = new Date(Math.floor(from.getTime() / 1000) * 1000 + wait * 1000);
        const due = from.getTime() + (parseRetryAfter(date.toUTCString(), from) ?? Number.NaN) * 1000;
        return due >= date.getTime() && due < date.getTime() + 1000;
      }),
    );
  });
});
