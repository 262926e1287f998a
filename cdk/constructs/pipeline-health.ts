import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { canCompute, type StageSettings } from '../stages.ts';
import { dashboardPage } from './console-link.ts';
import { dashboardName } from './pipeline-dashboard.ts';
import type { StageAlarm } from './stage-alarm.ts';

/** Of what the health is made, and who is told. */
export interface PipelineHealthProps {
  readonly stage: StageSettings;
  /** All that were declared; those that stop tasks count. */
  readonly alarms: readonly StageAlarm[];
  readonly topic: ITopic;
}

const name = 'pipeline-unhealthy';

/** One alarm to wake somebody by: on while any is that means that tasks do not get done. */
export class PipelineHealth extends Construct {
  constructor(scope: Construct, id: string, { stage, alarms, topic }: PipelineHealthProps) {
    super(scope, id);
    if (stage.alarms !== 'all' || !canCompute(stage)) return;
    const unhealthy = new cloudwatch.CompositeAlarm(this, 'Alarm', {
      compositeAlarmName: `celeriac-${stage.name}-${name}`,
      alarmDescription:
        `Tasks do not get done. Look: ${dashboardPage(dashboardName(stage))} ` +
        `What to do: docs/runbook.md, "${name}".`,
      alarmRule: cloudwatch.AlarmRule.anyOf(
        ...alarms
          .filter(({ stopsTasks }) => stopsTasks)
          .map((alarm) => cloudwatch.AlarmRule.fromAlarm(alarm, cloudwatch.AlarmState.ALARM)),
      ),
    });
    const tell = new SnsAction(topic);
    unhealthy.addAlarmAction(tell);
    unhealthy.addOkAction(tell);
  }
}
