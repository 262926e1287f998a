import * as z from 'zod';
import { ofType, type SynthesisedStage } from './synthesise.ts';

const dimensions = z.array(z.object({ Name: z.string(), Value: z.string() }));
const metricStat = z.object({
  Metric: z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensions }),
  Period: z.int(),
  Stat: z.string(),
});
const common = {
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.string()),
  OKActions: z.array(z.string()),
};
const metricAlarm = z.strictObject({
  ...common,
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: dimensions.default([]),
  Statistic: z.string().optional(),
  ExtendedStatistic: z.string().optional(),
  Period: z.int().optional(),
  Metrics: z
    .array(z.object({ Id: z.string(), Expression: z.string().optional(), MetricStat: metricStat.optional() }))
    .default([]),
  Threshold: z.number(),
  ComparisonOperator: z.enum(['GreaterThanOrEqualToThreshold', 'LessThanThreshold']),
  DatapointsToAlarm: z.int(),
  EvaluationPeriods: z.int(),
  TreatMissingData: z.string(),
});

/** An alarm as the template has it, in words. */
export interface AlarmInWords {
  /** Without `celeriac-<stage>-`. */
  readonly name: string;
  readonly fullName: string;
  readonly description: string;
  /** Whom it tells when it goes on, and when it ends. */
  readonly tells: readonly [on: readonly string[], ended: readonly string[]];
  /** Each metric: namespace, name, dimensions, statistic and period in seconds. */
  readonly watches: readonly string[];
  /** When it is on: the expression over the metrics where there is one, the value, the periods, and what no data means. */
  readonly on: string;
}

/** The alarms of a stage, in the order of the template; any property that is not told of here is refused. */
export function alarmsInWords(stage: SynthesisedStage, stageName: string): readonly AlarmInWords[] {
  return ofType(stage, 'AWS::CloudWatch::Alarm').map(({ properties }) => {
    const alarm = metricAlarm.parse(properties);
    const { Metrics: metrics, Threshold: value, TreatMissingData: missing } = alarm;
    const expression = metrics.find((each) => each.Expression !== undefined)?.Expression;
    const sign = alarm.ComparisonOperator === 'LessThanThreshold' ? '<' : '>=';
    return {
      name: alarm.AlarmName.replace(`celeriac-${stageName}-`, ''),
      fullName: alarm.AlarmName,
      description: alarm.AlarmDescription,
      tells: [alarm.AlarmActions, alarm.OKActions],
      watches:
        metrics.length === 0
          ? [ownMetric(alarm)]
          : metrics.flatMap(({ Id, MetricStat }) => (MetricStat ? [`${Id}: ${inWords(MetricStat)}`] : [])),
      on: `${expression ?? 'it'} ${sign} ${value} in ${alarm.DatapointsToAlarm} of ${alarm.EvaluationPeriods}, no data: ${missing}`,
    };
  });
}

function ownMetric(alarm: z.output<typeof metricAlarm>): string {
  const { Namespace, MetricName, Dimensions, Period, Statistic, ExtendedStatistic } = alarm;
  return inWords(
    metricStat.parse({
      Metric: { Namespace, MetricName, Dimensions },
      Period,
      Stat: Statistic ?? ExtendedStatistic,
    }),
  );
}

function inWords({ Metric, Period, Stat }: z.output<typeof metricStat>): string {
  const where = Metric.Dimensions.map(({ Name, Value }) => `${Name}=${Value}`).join(' ');
  return `${Metric.Namespace} ${Metric.MetricName} ${where} ${Stat}/${Period}s`;
}
