import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { canCompute, type StageName, type StageSettings } from '../stages.ts';

/** When an alarm is on: from a value, which may differ by stage, or below one. */
type Threshold =
  | { readonly from: number | Readonly<Record<StageName, number>> }
  | {
      /** Nothing measured counts as below it too. */
      readonly below: number;
    };

/** An alarm as it is declared: what it watches, when it is on, and where to look then. */
export type StageAlarmProps = Threshold & {
  readonly stage: StageSettings;
  /** Also the heading in docs/runbook.md that tells what to do. */
  readonly name: string;
  /** What has happened when the alarm is on, in one sentence. */
  readonly meaning: string;
  /** The page of the console to look at first. */
  readonly look: string;
  /** What is watched; several are added up, and what one of them lacks counts as nothing. */
  readonly metric: cloudwatch.IMetric | readonly cloudwatch.Metric[];
  /** How many of how many periods must reach the value. */
  readonly periods: { readonly breaching: number; readonly of: number };
  /**
   * Whether it exists where a stage has only the alarms that are free: docs/decisions/0019-alarms-by-stage.md.
   * @default false
   */
  readonly essential?: boolean;
  /**
   * Whether tasks do not get done while it is on: then it is part of `pipeline-unhealthy`.
   * @default false
   */
  readonly stopsTasks?: boolean;
  /**
   * Keeps the alarm as it is while nothing is measured: for what is written each minute, where silence tells nothing.
   * @default a metric without data is a quiet system, hence fine
   */
  readonly keepsState?: boolean;
};

/** An alarm of ours, which tells whether it belongs to `pipeline-unhealthy`. */
export class StageAlarm extends cloudwatch.Alarm {
  readonly stopsTasks: boolean;

  constructor(scope: Construct, id: string, props: cloudwatch.AlarmProps & { readonly stopsTasks: boolean }) {
    super(scope, id, props);
    this.stopsTasks = props.stopsTasks;
  }
}

/** CloudWatch takes no more metrics in the expression of one alarm. */
const mostMetrics = 10;

/**
 * Declares an alarm, where the stage has it and what plays AWS can compute it. More metrics than one alarm may add up are
 * spread over several, of which the second is called `<name>-2`.
 */
export function stageAlarm(scope: Construct, id: string, props: StageAlarmProps): void {
  const { stage, name, essential = false } = props;
  if (stage.alarms === 'essential' && !essential) return;
  for (const [index, metric] of added(props.metric).entries()) {
    if (metric instanceof cloudwatch.MathExpression && !canCompute(stage)) continue;
    const part = index === 0 ? '' : `-${index + 1}`;
    new StageAlarm(scope, `${id}${part}`, {
      alarmName: `celeriac-${stage.name}-${name}${part}`,
      alarmDescription: `${props.meaning} Look: ${props.look} What to do: docs/runbook.md, "${name}".`,
      metric,
      ...threshold(props),
      datapointsToAlarm: props.periods.breaching,
      evaluationPeriods: props.periods.of,
      stopsTasks: props.stopsTasks ?? false,
    });
  }
}

function threshold(
  props: StageAlarmProps,
): Pick<cloudwatch.AlarmProps, 'threshold' | 'comparisonOperator' | 'treatMissingData'> {
  if ('below' in props) {
    return {
      threshold: props.below,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    };
  }
  return {
    threshold: typeof props.from === 'number' ? props.from : props.from[props.stage.name],
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: props.keepsState
      ? cloudwatch.TreatMissingData.IGNORE
      : cloudwatch.TreatMissingData.NOT_BREACHING,
  };
}

/** What alarms watch to watch the sum of metrics: one of them, or expressions over ten at most. */
function added(metric: StageAlarmProps['metric']): readonly cloudwatch.IMetric[] {
  if (!('length' in metric)) return [metric];
  if (metric.length === 0) throw new Error('an alarm needs a metric to watch');
  if (metric.length === 1) return metric;
  const parts = Array.from({ length: Math.ceil(metric.length / mostMetrics) }, (_, part) =>
    metric.slice(part * mostMetrics, (part + 1) * mostMetrics),
  );
  return parts.map((part) => sumOf(part));
}

function sumOf(metrics: readonly cloudwatch.Metric[]): cloudwatch.MathExpression {
  const named = metrics.map((metric, index) => [`m${index + 1}`, metric] as const);
  return new cloudwatch.MathExpression({
    // FILL, because an alarm over DynamoDB's metrics stays as it is while they are missing, and they are written only when
    // there is something to count. SUM over a list passes over a metric that never was, where `+` would come to nothing.
    expression: `SUM([${named.map(([name]) => `FILL(${name}, 0)`).join(', ')}])`,
    label: 'sum',
    usingMetrics: Object.fromEntries(named),
    ...(metrics[0] && { period: metrics[0].period }),
  });
}
