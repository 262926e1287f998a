import { Cron } from 'croner';
import { everyHour, parseCron } from './cron-fields.ts';
import type { Timing } from './schedule.ts';

/**
 * Whether a schedule is due in a slot: a whole minute, in milliseconds since the epoch. Throws what `parseCron` throws.
 *
 * A schedule that names hours means the clock on the wall: a local time that does not exist on a day runs at the first
 * instant after the gap (times that meet there run once together), one that comes twice runs the first time only. A
 * schedule of every hour means hours that pass: when clocks are put back it goes on at its pace, and nothing is made up
 * for an hour that never was. Source: cron(8), "Daylight Saving Time and other time changes".
 */
export function isDue({ cron, timeZone }: Timing, slot: number): boolean {
  const next = new Cron(toCroner(cron), {
    timezone: timeZone,
    mode: '5-part',
    // Croner takes lists for times on the wall clock, and stars for a pace.
    fixedTimeRule: 'no-wildcard',
    paused: true,
  }).nextRun(new Date(slot - 1));
  return next?.getTime() === slot;
}

/** Every field as a list, so that the hours alone decide between wall clock and pace, and steps mean what we say. */
function toCroner(cron: string): string {
  const { minutes, hours, daysOfMonth, months, daysOfWeek } = parseCron(cron);
  return [
    minutes,
    hours.length === everyHour ? '*' : hours,
    daysOfMonth.length === 31 ? '*' : daysOfMonth,
    months,
    daysOfWeek.length === 7 ? '*' : daysOfWeek,
  ].join(' ');
}
