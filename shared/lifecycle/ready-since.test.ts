import { expect, it } from 'vitest';
import { fixtureTime, recordIn } from '../contracts/record-fixtures.ts';
import { readySince } from './ready-since.ts';

it.each([
  ['its submission', recordIn('PENDING'), fixtureTime],
  [
    'its new epoch',
    recordIn('PENDING', {
      timeline: [{ state: 'PENDING', at: fixtureTime + 9000, attempt: 0, epoch: 2, detail: null }],
    }),
    fixtureTime + 9000,
  ],
  ['the time that it was scheduled for', recordIn('SCHEDULED'), fixtureTime + 600_000],
  ['the time of its next attempt', recordIn('RETRY'), fixtureTime + 60_800],
  ['the end of its lease', recordIn('STARTED'), fixtureTime + 45_400],
  ['the end of its lease', recordIn('PROGRESS'), fixtureTime + 45_400],
])('a task waits for a worker since %s', (_, record, since) => {
  expect(readySince(record)).toBe(since);
});

it.each([recordIn('SUCCESS'), recordIn('FAILURE'), recordIn('CANCELLED')])(
  'a task that ended $state waits for nobody',
  (record) => {
    expect(readySince(record)).toBeNull();
  },
);
