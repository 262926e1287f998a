import { v7 } from 'uuid';
import { expect, it } from 'vitest';
import { timeOfId } from './time-of-id.ts';

it('reads the time off a UUIDv7', () => {
  const msecs = Date.UTC(2026, 10, 21, 12);
  expect(timeOfId(v7({ msecs }))).toBe(msecs);
});

it.each(['id-000001', '', 'c56a4180-65aa-42ec-a945-5fd21dec0538'])('knows no time of "%s"', (id) => {
  expect(timeOfId(id)).toBeNull();
});
