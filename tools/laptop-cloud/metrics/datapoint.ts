/** What CloudWatch can say of the values of a metric in a period; `p99` and the like are percentiles. */
export type Statistic = 'Sum' | 'Average' | 'Minimum' | 'Maximum' | 'SampleCount' | `p${number}`;

/** The values that a metric had in one minute. */
export interface Datapoint {
  samples: number;
  sum: number;
  minimum: number;
  maximum: number;
  /** How often each value was there, for percentiles. */
  readonly times: Map<number, number>;
}

/** Beyond so many different values, further ones are kept to two digits: percentiles are then off by 5 % at most. */
const MOST_EXACT_VALUES = 500;

/** A datapoint without values, to add to. */
export function createDatapoint(): Datapoint {
  return {
    samples: 0,
    sum: 0,
    minimum: Number.POSITIVE_INFINITY,
    maximum: Number.NEGATIVE_INFINITY,
    times: new Map(),
  };
}

/** Adds a value; its memory is bounded, however many are added. */
export function addValue(point: Datapoint, value: number): void {
  point.samples += 1;
  point.sum += value;
  point.minimum = Math.min(point.minimum, value);
  point.maximum = Math.max(point.maximum, value);
  const exact = point.times.has(value) || point.times.size < MOST_EXACT_VALUES;
  const kept = exact ? value : Number(value.toPrecision(2));
  point.times.set(kept, (point.times.get(kept) ?? 0) + 1);
}

/**
 * A statistic of all the values in some datapoints; null when they hold none. A percentile is the least value that is
 * not below so many percent of the values (nearest rank).
 * Source: Amazon CloudWatch User Guide, "CloudWatch statistics definitions".
 */
export function statisticOf(points: readonly Datapoint[], statistic: Statistic): number | null {
  const samples = countSamples(points);
  if (samples === 0) return null;
  const sum = points.reduce((total, point) => total + point.sum, 0);
  switch (statistic) {
    case 'Sum':
      return sum;
    case 'Average':
      return sum / samples;
    case 'Minimum':
      return Math.min(...points.map(({ minimum }) => minimum));
    case 'Maximum':
      return Math.max(...points.map(({ maximum }) => maximum));
    case 'SampleCount':
      return samples;
    default:
      return percentileOf(points, Math.ceil((Number(statistic.slice(1)) / 100) * samples));
  }
}

/** How many values some datapoints hold. */
export function countSamples(points: readonly Datapoint[]): number {
  return points.reduce((total, { samples }) => total + samples, 0);
}

function percentileOf(points: readonly Datapoint[], rank: number): number | null {
  const values = points.flatMap(({ times }) => [...times]).sort(([one], [other]) => one - other);
  let below = 0;
  for (const [value, times] of values) {
    below += times;
    if (below >= rank) return value;
  }
  return null;
}
