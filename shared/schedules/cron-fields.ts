/** The times that a cron expression names: for each field every value that fits, in order. */
export interface CronFields {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: readonly number[];
  /** 1 is January. */
  readonly months: readonly number[];
  /** 0 is Sunday, 6 Saturday. */
  readonly daysOfWeek: readonly number[];
}

/** How many hours a schedule of every hour names. */
export const everyHour = 24;

interface FieldRule {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly names: readonly string[];
}

const minute: FieldRule = { name: 'minute', from: 0, to: 59, names: [] };
const hour: FieldRule = { name: 'hour', from: 0, to: 23, names: [] };
const dayOfMonth: FieldRule = { name: 'day of month', from: 1, to: 31, names: [] };
const month: FieldRule = {
  name: 'month',
  from: 1,
  to: 12,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
};
// 7 is Sunday too, so that MON-SUN can be said.
const dayOfWeek: FieldRule = {
  name: 'day of week',
  from: 0,
  to: 7,
  names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
};

/** Days of each month in a leap year. */
const longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Reads a cron expression of five fields: minute, hour, day of month, month, day of week (0 or 7 is Sunday). A field
 * takes a star, a value, a range (`1-5`), a star or range with a step (`9-17/2`), and lists of these; months and days of
 * the week also their English names of three letters. Source: crontab(5). Throws an Error that names the field for
 * anything else, for a day that no such month has, and for a day of month beside a day of week: crontab means either of
 * them, Celery both, and EventBridge refuses it.
 */
export function parseCron(cron: string): CronFields {
  const given = cron.trim().split(/\s+/);
  if (given.length !== 5) {
    throw new Error(
      `cron "${cron}" has ${given.length} fields: give five (minute, hour, day of month, month, day of week)`,
    );
  }
  const [minutes = '', hours = '', daysOfMonth = '', months = '', daysOfWeek = ''] = given;
  if (daysOfMonth !== '*' && daysOfWeek !== '*') {
    throw new Error(`cron "${cron}": give day of month or day of week, and * for the other`);
  }
  const fields = {
    minutes: readField(minute, minutes),
    hours: readField(hour, hours),
    daysOfMonth: readField(dayOfMonth, daysOfMonth),
    months: readField(month, months),
    daysOfWeek: [...new Set(readField(dayOfWeek, daysOfWeek).map((day) => day % 7))].sort(ascending),
  };
  const firstDay = fields.daysOfMonth[0] ?? 1;
  if (!fields.months.some((each) => firstDay <= (longest[each - 1] ?? 0))) {
    throw new Error(`cron "${cron}": no such month has a day ${firstDay}, so it would never be due`);
  }
  return fields;
}

function readField(rule: FieldRule, text: string): readonly number[] {
  return [...new Set(text.split(',').flatMap((part) => readPart(rule, part)))].sort(ascending);
}

function readPart(rule: FieldRule, part: string): readonly number[] {
  const [, first, last, step] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part) ?? [];
  const refuse = (why: string) => new Error(`${rule.name} "${part}" ${why}`);
  if (first === undefined || (first === '*' && last !== undefined)) throw refuse('is no cron field');
  if (step !== undefined && first !== '*' && last === undefined) {
    throw refuse(`has a step without a range: write ${first}-${rule.to}/${step}`);
  }
  const from = first === '*' ? rule.from : readValue(rule, first);
  const to = first === '*' ? rule.to : readValue(rule, last ?? first);
  if (from === null || to === null) throw refuse(`must be between ${rule.from} and ${rule.to}`);
  if (from > to) throw refuse('goes backwards: write it as two ranges');
  const by = Number(step ?? 1);
  if (by === 0) throw refuse('has a step of 0');
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, index) => from + index * by);
}

function readValue({ from, to, names }: FieldRule, text: string): number | null {
  const named = names.indexOf(text.toUpperCase());
  if (named !== -1) return from + named;
  const value = Number(text);
  return /^\d+$/.test(text) && value >= from && value <= to ? value : null;
}

function ascending(one: number, other: number): number {
  return one - other;
}
