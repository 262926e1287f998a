import awsCronParser from 'aws-cron-parser';

/** When a rule fires: at a fixed pace, or at the minutes (UTC) that a cron expression names. */
export type Schedule =
  | { kind: 'rate'; everyMs: number }
  | { kind: 'cron'; cron: ReturnType<typeof awsCronParser.parse> };

const MS_PER_UNIT = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

const CRON_FIELDS = [
  { name: 'minutes', allowed: /^[\d,\-*/]+$/ },
  { name: 'hours', allowed: /^[\d,\-*/]+$/ },
  { name: 'day of month', allowed: /^[\d,\-*?/LW]+$/ },
  { name: 'month', allowed: /^(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|[\d,\-*/])+$/i },
  { name: 'day of week', allowed: /^(?:SUN|MON|TUE|WED|THU|FRI|SAT|[\d,\-*?L#])+$/i },
  { name: 'year', allowed: /^[\d,\-*/]+$/ },
];

/**
 * Parses the ScheduleExpression of an EventBridge rule: `rate(5 minutes)` or `cron(0 18 ? * MON-FRI *)`.
 * Source: "Rate expressions" and "Cron expressions" in the EventBridge user guide.
 * @throws Error naming what is wrong in the expression
 */
export function parseSchedule(expression: string): Schedule {
  const [, kind, inside] = /^(rate|cron)\((.*)\)$/.exec(expression) ?? [];
  if (inside === undefined) throw new Error(`"${expression}" is neither rate(…) nor cron(…)`);
  return kind === 'rate' ? parseRate(expression, inside) : parseCron(expression, inside);
}

function parseRate(expression: string, inside: string): Schedule {
  const [, digits, unit, plural] = /^([1-9]\d*) (minute|hour|day)(s?)$/.exec(inside) ?? [];
  if (digits === undefined || !isUnit(unit)) {
    throw new Error(`"${expression}" must be rate(value unit), the value a positive whole number`);
  }
  const value = Number(digits);
  if ((value === 1) !== (plural === '')) {
    throw new Error(`"${expression}": the unit must be ${value === 1 ? unit : `${unit}s`} for ${value}`);
  }
  return { kind: 'rate', everyMs: value * MS_PER_UNIT[unit] };
}

function isUnit(unit: string | undefined): unit is keyof typeof MS_PER_UNIT {
  return unit !== undefined && Object.hasOwn(MS_PER_UNIT, unit);
}

function parseCron(expression: string, inside: string): Schedule {
  const fields = inside.split(/\s+/);
  if (fields.length !== CRON_FIELDS.length) {
    throw new Error(`"${expression}" has ${fields.length} fields; EventBridge wants six, the year last`);
  }
  for (const [index, { name, allowed }] of CRON_FIELDS.entries()) {
    const field = fields[index] ?? '';
    if (!allowed.test(field)) throw new Error(`"${expression}": "${field}" is no ${name}`);
  }
  if ((fields[2] === '?') === (fields[4] === '?')) {
    throw new Error(`"${expression}": exactly one of day of month and day of week must be ?`);
  }
  try {
    return { kind: 'cron', cron: awsCronParser.parse(inside) };
  } catch (cause) {
    throw new Error(`"${expression}": ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
