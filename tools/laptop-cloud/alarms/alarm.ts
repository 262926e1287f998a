import type { Statistic } from '../metrics/datapoint.ts';
import type { MetricId } from '../metrics/metric-store.ts';
import type { Expression } from './parse-expression.ts';

/** The states of an alarm, by CloudWatch's names. */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** An alarm's values in order of time, null where there is none. */
export type Series = readonly (number | null)[];

/** How a value is compared with the threshold. */
export type Comparison =
  | 'GreaterThanOrEqualToThreshold'
  | 'GreaterThanThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold';

/** What counts in place of a value that is missing. */
export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

/** When an alarm is on. */
export interface Condition {
  comparison: Comparison;
  threshold: number;
  /** How many of the last periods are looked at (N). */
  evaluationPeriods: number;
  /** How many of them must breach the threshold (M). */
  datapointsToAlarm: number;
  treatMissingData: MissingData;
}

/** One statistic of one metric. */
export interface MetricQuery {
  metric: MetricId;
  statistic: Statistic;
}

/** What an alarm watches: a metric, or the value of an expression of several, each by its id. */
export type Watched =
  | { kind: 'metric'; query: MetricQuery }
  | { kind: 'math'; result: string; queries: Map<string, MetricQuery>; expressions: Map<string, Expression> };

/** What every alarm has. */
export interface AlarmBase {
  name: string;
  arn: string;
  description: string;
  actionsEnabled: boolean;
  /** ARNs of topics, by the state whose beginning is told there. */
  actions: Readonly<Record<AlarmState, readonly string[]>>;
  /** What AWS's notification says of the alarm's make, beside what all have. */
  notified: Readonly<Record<string, unknown>>;
}

/** An AWS::CloudWatch::Alarm, everything resolved. */
export interface MetricAlarm extends AlarmBase, Condition {
  kind: 'metric';
  watched: Watched;
  /** A multiple of 60. */
  periodSeconds: number;
  /** False keeps the state while a percentile has too few values to mean much. */
  evaluatesLowSamples: boolean;
}

/** An AWS::CloudWatch::CompositeAlarm, everything resolved. */
export interface CompositeAlarm extends AlarmBase {
  kind: 'composite';
  rule: Expression;
}

/** Any alarm. */
export type Alarm = MetricAlarm | CompositeAlarm;

/** An alarm's state, for people. */
export interface AlarmView {
  name: string;
  description: string;
  state: AlarmState;
  /** Since when, ISO-8601 UTC by the laptop's clock. */
  since: string;
  reason: string;
}
