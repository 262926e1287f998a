import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineTask } from '../tasks/define-task.ts';
import { defineSchedule, type Schedule } from './schedule.ts';

const task = defineTask({
  name: 'ingest',
  description: 'Any task.',
  input: z.strictObject({ source: z.string(), limit: z.int() }),
  output: z.object({}),
});
const good: Schedule = {
  name: 'ingest_nightly',
  task,
  input: { source: 'mote', limit: 100 },
  cron: '0 6 * * MON-FRI',
  timeZone: 'America/New_York',
  description: 'Ingests each working day.',
};

describe('a schedule', () => {
  it.each(['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Asia/Calcutta'])(
    'is as it was declared, in %s',
    (timeZone) => {
      expect(defineSchedule({ ...good, timeZone })).toEqual({ ...good, timeZone });
    },
  );

  it.each<[Partial<Schedule>, string]>([
    [{ name: 'Ingest nightly' }, 'schedule Ingest nightly: name: must be snake_case'],
    [{ name: 'x'.repeat(41) }, 'at most 40'],
    [{ cron: '0 6 * *' }, 'schedule ingest_nightly: cron: cron "0 6 * *" has 4 fields'],
    [{ cron: '0 25 * * *' }, 'cron: hour "25"'],
    [{ timeZone: 'America/New York' }, 'timeZone: "America/New York" is no IANA time zone'],
    [{ timeZone: '+01:00' }, 'timeZone'],
    [{ timeZone: '' }, 'timeZone'],
    [{ input: { source: 'mote' } }, 'input: does not fit the task ingest'],
    [{ input: { source: 'm'.repeat(5000), limit: 1 } }, 'bytes of JSON; at most 4096 fit'],
  ])('is refused for %j', (fault, reason) => {
    expect(() => defineSchedule({ ...good, ...fault })).toThrow(reason);
  });
});
