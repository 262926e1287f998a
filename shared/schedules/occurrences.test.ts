import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crons, expectedFires, localTime, zones } from './fixtures/expected-fires.ts';
import { isDue } from './occurrences.ts';
import type { Timing } from './schedule.ts';

const minute = 60_000;
const day = 1440 * minute;
const newYear = Date.UTC(2026, 0, 1);

/** Every slot between two instants at which the schedule is due, as ISO-8601 without seconds. */
function dueBetween(timing: Timing, from: string, to: string): string[] {
  const found: string[] = [];
  for (let slot = Date.parse(from); slot < Date.parse(to); slot += minute) {
    if (isDue(timing, slot)) found.push(new Date(slot).toISOString().slice(0, 16));
  }
  return found;
}

describe('a schedule that names hours, when clocks are put forward', () => {
  it.each([
    ['30 2 * * *', 'America/New_York', '2026-03-08T07:00'],
    ['0,15,59 2 * * *', 'America/New_York', '2026-03-08T07:00'],
    ['30 2 * * *', 'Europe/Berlin', '2026-03-29T01:00'],
    ['15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T15:30'],
    // The gap of Cairo is at midnight.
    ['0 0 * * *', 'Africa/Cairo', '2026-04-23T22:00'],
  ])('runs %s in %s once, at the first instant after the gap', (cron, timeZone, slot) => {
    const at = Date.parse(`${slot}Z`);
    const near = [at - 4 * 60 * minute, at + 4 * 60 * minute].map((each) => new Date(each).toISOString());
    expect(dueBetween({ cron, timeZone }, near[0] ?? '', near[1] ?? '')).toEqual([slot]);
  });

  it('runs what meets at the end of the gap once', () => {
    const timing = { cron: '0 2,3 * * *', timeZone: 'America/New_York' };
    expect(dueBetween(timing, '2026-03-08T05:00Z', '2026-03-08T09:00Z')).toEqual(['2026-03-08T07:00']);
  });

  it('keeps the pace of every second hour on the wall', () => {
    const timing = { cron: '0 */2 * * *', timeZone: 'America/New_York' };
    expect(dueBetween(timing, '2026-03-08T05:00Z', '2026-03-08T11:00Z')).toEqual([
      ...['2026-03-08T05:00', '2026-03-08T07:00', '2026-03-08T08:00', '2026-03-08T10:00'],
    ]);
  });
});

describe('a schedule that names hours, when clocks are put back', () => {
  it.each([
    ['30 1 * * *', 'America/New_York', ['2026-11-01T05:30']],
    ['0 1,2 * * *', 'America/New_York', ['2026-11-01T05:00', '2026-11-01T07:00']],
    ['30 2 * * *', 'Europe/Berlin', ['2026-10-25T00:30']],
    ['45 1 * * *', 'Australia/Lord_Howe', ['2026-04-04T14:45']],
  ])('runs %s in %s the first time only', (cron, timeZone, slots) => {
    const at = Date.parse(`${slots[0]}Z`);
    const near = [at - 2 * 60 * minute, at + 4 * 60 * minute].map((each) => new Date(each).toISOString());
    expect(dueBetween({ cron, timeZone }, near[0] ?? '', near[1] ?? '')).toEqual(slots);
  });
});

describe('a schedule of every hour', () => {
  it('goes on at its pace when an hour comes twice', () => {
    const timing = { cron: '*/30 * * * *', timeZone: 'America/New_York' };
    expect(dueBetween(timing, '2026-11-01T04:30Z', '2026-11-01T07:30Z')).toHaveLength(6);
  });

  it('makes nothing up for an hour that never was', () => {
    const timing = { cron: '30 * * * *', timeZone: 'America/New_York' };
    expect(dueBetween(timing, '2026-03-08T06:00Z', '2026-03-08T08:00Z')).toEqual([
      ...['2026-03-08T06:30', '2026-03-08T07:30'],
    ]);
  });
});

it('numbers the days of the week from Sunday, 0 or 7', () => {
  // 1 November 2026 is a Sunday.
  for (const cron of ['0 12 * * 0', '0 12 * * 7', '0 12 * * SUN']) {
    expect(dueBetween({ cron, timeZone: 'UTC' }, '2026-11-01T12:00Z', '2026-11-01T12:01Z')).toHaveLength(1);
    expect(isDue({ cron, timeZone: 'UTC' }, Date.UTC(2026, 10, 2, 12))).toBe(false);
  }
});

describe.each(zones)('over the year 2026 in %s', (timeZone) => {
  it.each([
    ['0 6 * * *', 365],
    ['30 2 * * *', 365],
    ['45 1 * * 1-5', 261],
    ['0 0 1,15 * *', 24],
    ['0 12 29 2 *', 0],
  ])('%s is due as often as it should be, each time at its local time', (cron, times) => {
    const fires = expectedFires({ cron, timeZone }, newYear, 365);
    expect(fires).toHaveLength(times);
    const toLocal = localTime(timeZone);
    const [wantedMinute = '', wantedHour = ''] = cron.split(' ');
    const displaced = fires.filter((at) => {
      expect(isDue({ cron, timeZone }, at)).toBe(true);
      const local = new Date(toLocal(at));
      return local.getUTCHours() !== Number(wantedHour) || local.getUTCMinutes() !== Number(wantedMinute);
    });
    // Only a time within the gap is displaced, on its day.
    expect(displaced.length).toBeLessThanOrEqual(1);
  });

  it('any schedule is due when it should be, and at no time near', () => {
    fc.assert(
      fc.property(crons(), fc.integer({ min: 0, max: 360 }), (cron, offset) => {
        const timing = { cron, timeZone };
        const from = newYear + offset * day;
        for (const start of [from, ...changeDays(timeZone)]) {
          const fires = expectedFires(timing, start, 2);
          const within = (slot: number) => slot >= (fires[0] ?? 0) && slot <= (fires.at(-1) ?? 0);
          const asked = fires.flatMap((at) =>
            [0, 1, -1, 15, 30, -30, 60, -60, 120].map((minutes) => at + minutes * minute),
          );
          const due = [...new Set(asked)].filter((slot) => within(slot) && isDue(timing, slot));
          expect(due.sort((one, other) => one - other)).toEqual(fires);
        }
      }),
      { numRuns: 25 },
    );
  });
});

/** The days on which a zone's clocks change, local midnight as if in UTC. */
function changeDays(timeZone: string): number[] {
  const toLocal = localTime(timeZone);
  const days = Array.from({ length: 365 }, (_, index) => newYear + index * day);
  return days.filter((at) => toLocal(at + day) - toLocal(at) !== day).map((at) => at - (at % day));
}
