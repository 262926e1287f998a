import * as z from 'zod';
import type { Statistic } from '../metrics/datapoint.ts';
import { isKnownMetric } from '../metrics/measured-metrics.ts';
import type { IdentifiedAssembly, ResolvedResource } from '../provision/identify-resources.ts';
import { readProperties, unread } from '../provision/read-properties.ts';
import type { Alarm, MetricAlarm, MetricQuery, Watched } from './alarm.ts';
import { actionProperties, baseOf } from './alarm-properties.ts';
import { describeComposites } from './describe-composites.ts';
import { evaluationRange } from './evaluate-alarm.ts';
import { parseExpression } from './parse-expression.ts';
import { seriesOf } from './watched-series.ts';

const READER = 'alarms/describe-alarms.ts';

const Dimensions = z.array(z.strictObject({ Name: z.string(), Value: z.string() })).default([]);
const Period = z.coerce.number().int().multipleOf(60, 'a laptop has periods of whole minutes').min(60);
const Percentile = z.custom<Statistic>(
  (value) => typeof value === 'string' && /^p(?:100|\d{1,2}(?:\.\d+)?)$/.test(value),
  'a laptop knows percentiles p0 to p100 beside the five statistics',
);
const Plain = z.enum(['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount']);

const MetricDataQuery = z.strictObject({
  Id: z.string(),
  Expression: z.string().optional(),
  MetricStat: z
    .strictObject({
      Metric: z.strictObject({ Namespace: z.string(), MetricName: z.string(), Dimensions }),
      Period,
      Stat: z.union([Plain, Percentile]),
    })
    .optional(),
  ReturnData: z.boolean().optional(),
  Period: Period.optional(),
  Label: unread,
});

/** Source: AWS CloudFormation Template Reference, AWS::CloudWatch::Alarm; defaults included. */
const AlarmProperties = z.strictObject({
  ...actionProperties,
  ComparisonOperator: z.enum(
    [
      'GreaterThanOrEqualToThreshold',
      'GreaterThanThreshold',
      'LessThanThreshold',
      'LessThanOrEqualToThreshold',
    ],
    'anomaly detection is not known on a laptop',
  ),
  Threshold: z.coerce.number(),
  EvaluationPeriods: z.coerce.number().int().min(1),
  DatapointsToAlarm: z.coerce.number().int().min(1).optional(),
  TreatMissingData: z.enum(['missing', 'ignore', 'breaching', 'notBreaching']).optional(),
  EvaluateLowSampleCountPercentile: z.enum(['evaluate', 'ignore']).default('evaluate'),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions,
  Period: Period.optional(),
  Statistic: Plain.optional(),
  ExtendedStatistic: Percentile.optional(),
  Metrics: z.array(MetricDataQuery).optional(),
});

/**
 * Reads every alarm of the templates, composite ones last, each after those that its rule names.
 * @throws Error naming an alarm that the laptop cloud cannot evaluate, and why
 */
export function describeAlarms(assembly: IdentifiedAssembly): Alarm[] {
  const alarms = assembly.resources('AWS::CloudWatch::Alarm').map((resource) => {
    try {
      return describeAlarm(resource);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`The alarm ${resource.name} cannot be evaluated on a laptop: ${reason}`);
    }
  });
  return [...alarms, ...describeComposites(assembly, alarms)];
}

function describeAlarm(resource: ResolvedResource): MetricAlarm {
  const given = readProperties(resource, AlarmProperties, READER);
  const watched = given.Metrics === undefined ? singleMetric(given) : mathOf(given.Metrics);
  const queries = watched.kind === 'metric' ? [watched.query] : [...watched.queries.values()];
  for (const { metric } of queries) {
    if (isKnownMetric(metric.namespace, metric.name)) continue;
    throw new Error(
      `the laptop measures no ${metric.namespace} ${metric.name}: add it to tools/laptop-cloud/metrics/measured-metrics.ts and to what measures it`,
    );
  }
  const ofTables = queries.some(({ metric }) => metric.namespace === 'AWS/DynamoDB');
  const alarm: MetricAlarm = {
    ...baseOf(resource, given),
    kind: 'metric',
    watched,
    periodSeconds: periodOf(given),
    comparison: given.ComparisonOperator,
    threshold: given.Threshold,
    evaluationPeriods: given.EvaluationPeriods,
    datapointsToAlarm: given.DatapointsToAlarm ?? given.EvaluationPeriods,
    // DynamoDB's metrics are the exception that AWS's page on missing data makes.
    treatMissingData: given.TreatMissingData ?? (ofTables ? 'ignore' : 'missing'),
    evaluatesLowSamples: given.EvaluateLowSampleCountPercentile === 'evaluate',
    notified: { Trigger: triggerOf(given) },
  };
  const range = evaluationRange(alarm);
  seriesOf(watched, range, () => Array.from({ length: range }, () => null));
  return alarm;
}

type Given = z.output<typeof AlarmProperties>;

function singleMetric(given: Given): Watched {
  const statistic = given.Statistic ?? given.ExtendedStatistic;
  if (given.Namespace === undefined || given.MetricName === undefined || statistic === undefined) {
    throw new Error('it needs Namespace, MetricName and Statistic or ExtendedStatistic, or Metrics');
  }
  return { kind: 'metric', query: queryOf(given.Namespace, given.MetricName, given.Dimensions, statistic) };
}

function mathOf(given: readonly z.output<typeof MetricDataQuery>[]): Watched {
  const queries = new Map<string, MetricQuery>();
  const expressions = new Map<string, ReturnType<typeof parseExpression>>();
  for (const { Id, Expression, MetricStat } of given) {
    if (Expression !== undefined) expressions.set(Id, parseExpression(Expression, 'math'));
    else if (MetricStat !== undefined) {
      const { Namespace, MetricName, Dimensions: dimensions } = MetricStat.Metric;
      queries.set(Id, queryOf(Namespace, MetricName, dimensions, MetricStat.Stat));
    } else throw new Error(`Metrics: ${Id} has neither Expression nor MetricStat`);
  }
  const [result, ...others] = given.filter(({ ReturnData }) => ReturnData !== false);
  if (result === undefined || others.length > 0)
    throw new Error('Metrics: one query, and no other, returns data');
  return { kind: 'math', result: result.Id, queries, expressions };
}

function queryOf(
  namespace: string,
  name: string,
  dimensions: z.output<typeof Dimensions>,
  statistic: Statistic,
): MetricQuery {
  const byName = Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value]));
  return { metric: { namespace, name, dimensions: byName }, statistic };
}

function periodOf({ Period: own, Metrics = [] }: Given): number {
  const periods = new Set(Metrics.flatMap(({ MetricStat, Period: of }) => MetricStat?.Period ?? of ?? []));
  if (periods.size > 1) throw new Error(`Metrics: the periods ${[...periods].join(', ')} differ`);
  const [period = own] = periods;
  if (period === undefined) throw new Error('it needs a Period');
  return period;
}

/** What AWS's notification tells of the metric and the condition. */
function triggerOf(given: Given): Record<string, unknown> {
  const { Namespace, MetricName, Statistic: plain, ExtendedStatistic, Metrics } = given;
  return {
    ...(Metrics === undefined
      ? {
          MetricName,
          Namespace,
          ...(plain === undefined
            ? { StatisticType: 'ExtendedStatistic', ExtendedStatistic }
            : { StatisticType: 'Statistic', Statistic: plain.toUpperCase() }),
          Unit: null,
          Dimensions: given.Dimensions.map(({ Name, Value }) => ({ value: Value, name: Name })),
        }
      : { Metrics }),
    Period: periodOf(given),
    EvaluationPeriods: given.EvaluationPeriods,
    DatapointsToAlarm: given.DatapointsToAlarm ?? given.EvaluationPeriods,
    ComparisonOperator: given.ComparisonOperator,
    Threshold: given.Threshold,
    TreatMissingData: given.TreatMissingData ?? 'missing',
    EvaluateLowSampleCountPercentile: given.EvaluateLowSampleCountPercentile,
  };
}
