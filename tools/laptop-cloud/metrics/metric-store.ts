import { addValue, createDatapoint, type Datapoint } from './datapoint.ts';

/** A metric as CloudWatch knows it: another set of dimensions is another metric. */
export interface MetricId {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/**
 * Adds one value to a metric.
 * @param at when it was measured, in milliseconds of the laptop's clock
 */
export type RecordMetric = (metric: MetricId, value: number, at: number) => void;

/** What has been measured in the last hours, by minute of the laptop's clock. */
export interface MetricStore {
  readonly record: RecordMetric;
  /** What a metric had in these minutes, those without a value left out. */
  read(metric: MetricId, minutes: readonly number[]): Datapoint[];
  /** Drops what was measured before a minute, and takes nothing of that time any more. */
  forget(before: number): void;
}

/** How long a minute is, in milliseconds. */
export const MINUTE_MS = 60_000;

/** The beginning of the minute that a moment lies in, both in milliseconds since the epoch. */
export function minuteOf(moment: number): number {
  return moment - (moment % MINUTE_MS);
}

/** Creates an empty store. */
export function createMetricStore(): MetricStore {
  const metrics = new Map<string, Map<number, Datapoint>>();
  let oldest = Number.NEGATIVE_INFINITY;

  return {
    record: (metric, value, at) => {
      const minute = minuteOf(at);
      if (minute < oldest) return;
      const key = keyOf(metric);
      const points = metrics.get(key) ?? new Map<number, Datapoint>();
      metrics.set(key, points);
      const point = points.get(minute) ?? createDatapoint();
      points.set(minute, point);
      addValue(point, value);
    },
    read: (metric, minutes) => {
      const points = metrics.get(keyOf(metric));
      return minutes.map((minute) => points?.get(minute)).filter((point) => point !== undefined);
    },
    forget: (before) => {
      oldest = Math.max(oldest, before);
      for (const [key, points] of metrics) {
        for (const minute of points.keys()) if (minute < before) points.delete(minute);
        if (points.size === 0) metrics.delete(key);
      }
    },
  };
}

function keyOf({ namespace, name, dimensions }: MetricId): string {
  return JSON.stringify([namespace, name, ...Object.entries(dimensions).sort()]);
}
