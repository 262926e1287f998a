import { type CronFields, everyHour, parseCron } from './cron-fields.ts';
import type { Timing } from './schedule.ts';
import { type ZoneGap, zoneChanges } from './zone-changes.ts';

const minutesOfDay = 1440;
const everyDayOfMonth = 31;
const everyDayOfWeek = 7;

/** A time in UTC at which a local time may fall; `shift` is how many days the date in UTC is ahead of the local one. */
interface UtcTime {
  readonly hour: number;
  readonly minute: number;
  readonly shift: number;
}

/**
 * The EventBridge rule expression that fires at every UTC minute at which the schedule can be due. For UTC it fires at
 * no other minute; for other zones it may, because a rule combines each of its hours with each of its minutes and days,
 * and `isDue` decides. Always shorter than the 256 characters that are allowed. Throws what `parseCron` throws, and
 * RangeError for an unknown zone.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html, "Cron expressions".
 */
export function ruleExpression({ cron, timeZone }: Timing): string {
  const fields = parseCron(cron);
  const { offsets, gaps } = zoneChanges(timeZone);
  const times = [
    ...offsets.flatMap((offset) => timesAt(fields, offset)),
    ...gaps.flatMap((gap) => timesAfter(fields, gap)),
  ];
  const shifts = [...new Set(times.map(({ shift }) => shift))];
  const daysOfWeek = shifts.flatMap((shift) => fields.daysOfWeek.map((day) => (day + shift + 7) % 7));
  const namesWeekdays = fields.daysOfWeek.length < everyDayOfWeek;
  const parts = [
    write(
      times.map(({ minute }) => minute),
      60,
    ),
    write(
      times.map(({ hour }) => hour),
      everyHour,
    ),
    namesWeekdays ? '?' : write(shiftDays(fields, shifts), everyDayOfMonth),
    write(shiftMonths(fields, shifts), 12),
    // EventBridge counts from 1, Sunday.
    namesWeekdays
      ? write(
          daysOfWeek.map((day) => day + 1),
          everyDayOfWeek,
        )
      : '?',
    '*',
  ];
  return `cron(${parts.join(' ')})`;
}

/** Where the schedule's times of day fall while the zone is `offset` minutes ahead of UTC. */
function timesAt({ hours, minutes }: CronFields, offset: number): UtcTime[] {
  return hours.flatMap((hour) =>
    minutes.map((minute) => {
      const time = hour * 60 + minute - offset;
      const shift = Math.floor(time / minutesOfDay);
      const ofDay = time - shift * minutesOfDay;
      return { hour: Math.floor(ofDay / 60), minute: ofDay % 60, shift };
    }),
  );
}

/** The end of a gap, when the schedule names a local time within it. A schedule of every hour makes nothing up. */
function timesAfter(fields: CronFields, { at, before, after }: ZoneGap): UtcTime[] {
  if (fields.hours.length === everyHour) return [];
  const end = new Date(at);
  const skipped = Array.from(
    { length: after - before },
    (_, index) => new Date(at + (before + index) * 60_000),
  );
  return skipped
    .filter((local) => names(fields, local))
    .map((local) => ({
      hour: end.getUTCHours(),
      minute: end.getUTCMinutes(),
      shift: Math.floor(at / 86_400_000) - Math.floor(local.getTime() / 86_400_000),
    }));
}

/** Whether the schedule names a local time, which is given as if it were one in UTC. */
function names(fields: CronFields, local: Date): boolean {
  return (
    fields.minutes.includes(local.getUTCMinutes()) &&
    fields.hours.includes(local.getUTCHours()) &&
    fields.daysOfMonth.includes(local.getUTCDate()) &&
    fields.months.includes(local.getUTCMonth() + 1) &&
    fields.daysOfWeek.includes(local.getUTCDay())
  );
}

/** A month may end on its 28th to 31st, so the day after those may be the 1st. */
function shiftDays({ daysOfMonth }: CronFields, shifts: readonly number[]): number[] {
  return shifts.flatMap((shift) =>
    daysOfMonth.flatMap((day) => {
      if (shift === 1) return [...(day < 31 ? [day + 1] : []), ...(day >= 28 ? [1] : [])];
      if (shift === -1) return day === 1 ? [28, 29, 30, 31] : [day - 1];
      return [day];
    }),
  );
}

function shiftMonths({ months, daysOfMonth }: CronFields, shifts: readonly number[]): number[] {
  const intoNext = shifts.includes(1) && daysOfMonth.some((day) => day >= 28);
  const intoPrevious = shifts.includes(-1) && daysOfMonth.includes(1);
  return [
    ...months,
    ...(intoNext ? months.map((month) => (month % 12) + 1) : []),
    ...(intoPrevious ? months.map((month) => ((month + 10) % 12) + 1) : []),
  ];
}

/** Values as EventBridge reads them: a star for all `count` of them, ranges for three and more in a row. */
function write(values: readonly number[], count: number): string {
  const sorted = [...new Set(values)].sort((one, other) => one - other);
  if (sorted.length === count) return '*';
  const runs: number[][] = [];
  for (const value of sorted) {
    const run = runs.at(-1);
    if (run?.at(-1) === value - 1) run.push(value);
    else runs.push([value]);
  }
  return runs.map((run) => (run.length > 2 ? `${run[0]}-${run.at(-1)}` : run.join(','))).join(',');
}
