import { countSamples, type Datapoint, statisticOf } from '../metrics/datapoint.ts';
import { type MetricStore, MINUTE_MS } from '../metrics/metric-store.ts';
import type { MetricAlarm, MetricQuery, Series, Watched } from './alarm.ts';
import { evaluationRange } from './evaluate-alarm.ts';
import { workOut } from './metric-math.ts';

/** How many minutes an alarm looks back. */
export function minutesLookedAt(alarm: Pick<MetricAlarm, 'periodSeconds' | 'evaluationPeriods'>): number {
  return evaluationRange(alarm) * minutesOf(alarm);
}

/**
 * An alarm's values, one for each period of its evaluation range, the latest ending with the last minute. Periods begin
 * anew with every minute, as CloudWatch slides them.
 * Source: Amazon CloudWatch User Guide, "Alarm evaluation".
 * @param minutes beginnings of all minutes that count, in order; a period before the first has no value
 */
export function watchedSeries(alarm: MetricAlarm, store: MetricStore, minutes: readonly number[]): Series {
  const periods = periodsOf(alarm, minutes);
  return seriesOf(alarm.watched, periods.length, (query) =>
    periods.map((period) => statisticOf(read(store, query, period), query.statistic)),
  );
}

/** When the periods of `watchedSeries` begin, in milliseconds since the epoch. */
export function periodStarts(alarm: MetricAlarm, minutes: readonly number[]): number[] {
  const last = minutes.at(-1) ?? 0;
  return periodsOf(alarm, minutes).map((period, index, all) => {
    const missing = (all.length - index) * minutesOf(alarm) - 1;
    return period[0] ?? last - missing * MINUTE_MS;
  });
}

/**
 * Whether a percentile has too few values to mean much: fewer than 10/(1-p), or 10/p below the median. False for every
 * other statistic.
 * Source: Amazon CloudWatch User Guide, "Percentile-based CloudWatch alarms and low data samples".
 */
export function hasLowSamples(alarm: MetricAlarm, store: MetricStore, minutes: readonly number[]): boolean {
  if (alarm.watched.kind !== 'metric') return false;
  const { query } = alarm.watched;
  if (!query.statistic.startsWith('p')) return false;
  const percent = Number(query.statistic.slice(1));
  const evaluated = minutes.slice(-alarm.evaluationPeriods * minutesOf(alarm));
  // To six digits: 10/(1-0.9) is not quite 100 in binary fractions.
  const least = Number((1000 / (percent < 50 ? percent : 100 - percent)).toPrecision(6));
  return countSamples(read(store, query, evaluated)) < least;
}

/**
 * The series that an alarm watches, of those of its metrics.
 * @throws Error naming what in an expression is not known
 */
export function seriesOf(watched: Watched, length: number, ofQuery: (query: MetricQuery) => Series): Series {
  if (watched.kind === 'metric') return ofQuery(watched.query);
  const { queries, expressions, result } = watched;
  const lookUp = (id: string, within: readonly string[]): Series | null => {
    const query = queries.get(id);
    if (query !== undefined) return ofQuery(query);
    const expression = expressions.get(id);
    if (expression === undefined) return null;
    if (within.includes(id)) throw new Error(`${id} is made of itself`);
    return workOut(expression, {
      length,
      lookUp: (name) => lookUp(name, [...within, id]),
      metrics: () => [...queries.values()].map(ofQuery),
    });
  };
  const series = lookUp(result, []);
  if (series === null) throw new Error(`there is no ${result} to watch`);
  return series;
}

function periodsOf(alarm: MetricAlarm, minutes: readonly number[]): (readonly number[])[] {
  const range = evaluationRange(alarm);
  const width = minutesOf(alarm);
  return Array.from({ length: range }, (_none, index) => {
    const end = minutes.length - (range - 1 - index) * width;
    return minutes.slice(Math.max(0, end - width), Math.max(0, end));
  });
}

function read(store: MetricStore, { metric }: MetricQuery, minutes: readonly number[]): Datapoint[] {
  return store.read(metric, minutes);
}

function minutesOf({ periodSeconds }: Pick<MetricAlarm, 'periodSeconds'>): number {
  return periodSeconds / 60;
}
