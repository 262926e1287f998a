import { expect, it } from 'vitest';
import { statisticOf } from './datapoint.ts';
import { createMetricStore, type MetricId, minuteOf } from './metric-store.ts';

const START = Date.parse('2026-11-01T12:00:00Z');
const minute = (index: number) => START + index * 60_000;
const metric = (dimensions: Record<string, string>): MetricId => ({
  namespace: 'Test',
  name: 'Seen',
  dimensions,
});
const both = metric({ a: '1', b: '2' });

it('keeps values by minute and by dimensions, in whatever order those are named', () => {
  const store = createMetricStore();
  store.record(both, 1, minute(0));
  store.record(metric({ b: '2', a: '1' }), 2, minute(0) + 59_999);
  store.record(both, 4, minute(1));
  store.record(metric({ a: '1' }), 8, minute(0));
  store.record({ ...both, name: 'Unseen' }, 16, minute(0));
  store.record({ ...both, namespace: 'Other' }, 32, minute(0));

  const sum = (id: MetricId, ...minutes: number[]) => statisticOf(store.read(id, minutes), 'Sum');
  expect(sum(both, minute(0))).toBe(3);
  expect(sum(both, minute(1))).toBe(4);
  expect(sum(both, minute(0), minute(1))).toBe(7);
  expect(sum(both, minute(2))).toBeNull();
  expect(sum(metric({ a: '1' }), minute(0))).toBe(8);
  expect(sum(metric({}), minute(0))).toBeNull();
});

it('forgets what is too old, and takes no more of it', () => {
  const store = createMetricStore();
  store.record(both, 1, minute(0));
  store.record(both, 2, minute(1));
  store.forget(minute(1));
  store.record(both, 4, minute(0));
  store.record(both, 8, minute(1));
  expect(store.read(both, [minute(0)])).toEqual([]);
  expect(statisticOf(store.read(both, [minute(1)]), 'Sum')).toBe(10);
});

it('knows the minute of a moment', () => {
  expect(minuteOf(minute(3))).toBe(minute(3));
  expect(minuteOf(minute(4) - 1)).toBe(minute(3));
});
