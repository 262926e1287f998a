import awsCronParser from 'aws-cron-parser';
import type { Schedule } from './parse-schedule.ts';

type Cron = ReturnType<typeof awsCronParser.parse>;

/**
 * The first moment a schedule is due strictly after another.
 * @param after milliseconds since the epoch
 * @param anchor when the rule was created, in milliseconds: a rate counts from there; cron ignores it
 * @returns milliseconds since the epoch, or null when the schedule is never due again
 */
export function nextFiring(schedule: Schedule, after: number, anchor: number): number | null {
  if (schedule.kind === 'cron') return nextOfCron(schedule.cron, after);
  const periods = Math.max(1, Math.floor((after - anchor) / schedule.everyMs) + 1);
  return anchor + periods * schedule.everyMs;
}

/** The parser turns 31 November into 1 December: what rolled over is asked again from its new month on. */
function nextOfCron(cron: Cron, after: number): number | null {
  let found = awsCronParser.next(cron, new Date(after));
  while (found !== null && !isNamedDay(cron, found)) {
    const startOfMonth = Date.UTC(found.getUTCFullYear(), found.getUTCMonth());
    found = awsCronParser.next(cron, new Date(startOfMonth - 1));
  }
  return found?.getTime() ?? null;
}

/** `L`, `W` and days of the week are worked out for the month itself and never roll over. */
function isNamedDay(cron: Cron, date: Date): boolean {
  const [first] = cron.daysOfMonth;
  return typeof first !== 'number' || cron.daysOfMonth.includes(date.getUTCDate());
}
