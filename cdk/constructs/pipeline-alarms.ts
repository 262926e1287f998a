import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as events from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { stageMetrics } from '#shared/metrics/metric-names.ts';
import type { StageName, StageSettings } from '../stages.ts';
import { dashboardPage, functionsPage, rulesPage } from './console-link.ts';
import type { NodeFunction } from './node-function.ts';
import { dashboardName } from './pipeline-dashboard.ts';
import { stageAlarm } from './stage-alarm.ts';
import { stageMetric } from './stage-metric.ts';

/** What the alarms watch. */
export interface PipelineAlarmsProps {
  readonly stage: StageSettings;
  readonly functions: readonly NodeFunction[];
  readonly rules: readonly events.Rule[];
}

/** The share of tasks that may fail: upstreams and callers are never faultless. */
const mayFail: Readonly<Record<StageName, number>> = { dev: 0.25, staging: 0.25, prod: 0.1 };

const minute = Duration.minutes(1);

/** The alarms that watch no single queue, function or table, but all of them. */
export class PipelineAlarms extends Construct {
  constructor(scope: Construct, id: string, { stage, functions, rules }: PipelineAlarmsProps) {
    super(scope, id);
    const dashboard = dashboardPage(dashboardName(stage));
    stageAlarm(this, 'ThrottlesAlarm', {
      stage,
      name: 'throttles',
      meaning: 'Lambda turns invocations away: the account has no concurrency left.',
      look: functionsPage(),
      metric: functions.map(({ function: fn }) => fn.metricThrottles({ period: minute, statistic: 'Sum' })),
      // A few while functions scale up are tried again and hurt nobody.
      from: { dev: 10, staging: 10, prod: 5 },
      periods: { breaching: 2, of: 3 },
    });
    stageAlarm(this, 'RuleFailuresAlarm', {
      stage,
      name: 'rule-failures',
      meaning: 'EventBridge could not call a function; rule-dead-letters tells whether it kept the event.',
      look: rulesPage(),
      metric: rules.map(failedInvocations),
      from: 1,
      // A minute that comes late counts as none at first, so the newest alone would never tell.
      periods: { breaching: 1, of: 3 },
    });
    stageAlarm(this, 'MessagesKeptAlarm', {
      stage,
      name: 'messages-kept',
      meaning: 'Workers put messages back because the table or a queue does not answer.',
      look: dashboard,
      metric: stageMetric(stage, stageMetrics.kept, { period: minute, statistic: 'Sum' }),
      from: { dev: 5, staging: 5, prod: 1 },
      periods: { breaching: 2, of: 3 },
      stopsTasks: true,
    });
    const share = mayFail[stage.name];
    const inFiveMinutes = { period: Duration.minutes(5), statistic: 'Sum' };
    stageAlarm(this, 'TaskFailuresAlarm', {
      stage,
      name: 'task-failures',
      meaning: `Within five minutes, five more tasks have failed for good than ${100 * share} % of all that ended.`,
      look: dashboard,
      // Not a rate: of two tasks a night, one that fails is half.
      metric: new cloudwatch.MathExpression({
        expression: `FILL(failed, 0) - ${share} * (FILL(failed, 0) + FILL(succeeded, 0))`,
        label: 'failures too many',
        usingMetrics: {
          failed: stageMetric(stage, stageMetrics.failed, inFiveMinutes),
          succeeded: stageMetric(stage, stageMetrics.succeeded, inFiveMinutes),
        },
        period: inFiveMinutes.period,
      }),
      from: 5,
      periods: { breaching: 1, of: 1 },
    });
  }
}

function failedInvocations({ ruleName }: events.Rule): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/Events',
    metricName: 'FailedInvocations',
    dimensionsMap: { RuleName: ruleName },
    period: minute,
    statistic: 'Sum',
  });
}
