import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { StageSettings } from '../stages.ts';

/** An alarm as it is declared: what it watches, and when it is on. */
export interface StageAlarmProps {
  readonly stage: StageSettings;
  /** Also the heading in docs/runbook.md that tells what to do. */
  readonly name: string;
  /** What has happened when the alarm is on, in one sentence. */
  readonly meaning: string;
  readonly metric: cloudwatch.IMetric;
  /** On from this value. */
  readonly from: number;
  /** How many of how many periods must reach the value. */
  readonly periods: { readonly breaching: number; readonly of: number };
}

/** An alarm that is on from a value; a metric without data is a quiet system, hence fine. */
export function stageAlarm(scope: Construct, id: string, props: StageAlarmProps): cloudwatch.Alarm {
  return new cloudwatch.Alarm(scope, id, {
    alarmName: `celeriac-${props.stage.name}-${props.name}`,
    alarmDescription: `${props.meaning} What to do: docs/runbook.md, "${props.name}".`,
    metric: props.metric,
    threshold: props.from,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    datapointsToAlarm: props.periods.breaching,
    evaluationPeriods: props.periods.of,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
}
