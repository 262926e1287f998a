import { expect, it, vi } from 'vitest';
import type { Clock } from '../ports/clock.ts';
import { startTimeLimits } from './time-limits.ts';

const actions = { soft: () => undefined, end: () => undefined };

it.each([7 * 24 * 3600, 60 * 24 * 3600, Number.POSITIVE_INFINITY])(
  'a total limit of %i s sets no timer that the system would cut short to nothing',
  (total) => {
    const after = vi.fn<Clock['after']>(() => () => undefined);
    const now = Date.UTC(2026, 0, 1);
    const times = { startedAt: now - 3_600_000, deadline: now + 890_000 };
    startTimeLimits({ now: () => now, after }, { soft: 600, hard: 800, total }, times, actions);
    expect(after.mock.calls.map(([ms]) => ms)).toEqual([600_000, 800_000, 890_000]);
  },
);

it('a total limit that ends within the invocation is counted from the begin of the attempt', () => {
  const after = vi.fn<Clock['after']>(() => () => undefined);
  const limit = { soft: 600, hard: 800, total: 3600 };
  const start = (startedAt: number) =>
    startTimeLimits({ now: () => 10_000_000, after }, limit, { startedAt, deadline: 10_890_000 }, actions);
  start(10_000_000 - 3_500_000);
  start(10_000_000 - 3_700_000);
  expect(after.mock.calls.map(([ms]) => ms)).toEqual([
    ...[600_000, 800_000, 100_000, 890_000],
    ...[600_000, 800_000, 0, 890_000],
  ]);
});
