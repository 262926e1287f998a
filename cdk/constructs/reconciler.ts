import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { stageMetrics } from '#shared/metrics/metric-names.ts';
import type { StageSettings } from '../stages.ts';
import { dashboardPage, rulePage, rulesPage } from './console-link.ts';
import { NodeFunction } from './node-function.ts';
import { dashboardName } from './pipeline-dashboard.ts';
import { stageAlarm } from './stage-alarm.ts';
import { stageMetric } from './stage-metric.ts';
import type { UndeliveredEvents } from './undelivered-events.ts';

/**
 * Looks every minute for tasks that nobody would look at otherwise. A run that is missed or fails is not repeated:
 * the next does its work. Retries off, no event older than a minute and 50 s to run keep runs from piling up without
 * reserving concurrency, of which a new account has 10 in all.
 */
export class Reconciler extends Construct {
  readonly function: lambda.Function;

  constructor(
    scope: Construct,
    id: string,
    props: { readonly stage: StageSettings; readonly undelivered: UndeliveredEvents },
  ) {
    super(scope, id);
    const once = { retryAttempts: 0, maxEventAge: Duration.seconds(60) };
    this.function = new NodeFunction(this, 'Function', {
      stage: props.stage,
      name: 'reconciler',
      description:
        'Celeriac: finds tasks that were lost, are due or owe a dead letter; removes superseded letters',
      entry: 'functions/reconciler/main.ts',
      memorySize: 512,
      timeout: Duration.seconds(50),
      runsTasks: true,
      asynchronous: once,
    }).function;
    const rule = new events.Rule(this, 'EveryMinute', {
      description: 'Celeriac: runs the reconciler',
      schedule: events.Schedule.rate(Duration.minutes(1)),
      targets: [
        // Brings the permission of this one rule to call the function, and to put there what it cannot be given.
        new targets.LambdaFunction(this.function, { ...once, deadLetterQueue: props.undelivered.queue }),
      ],
    });

    this.#alarms(props.stage, rule);
  }

  /** Itself, and what it measures. */
  #alarms(stage: StageSettings, rule: events.Rule): void {
    const period = Duration.minutes(1);
    // Nothing else would notice that lost tasks are looked for no more: not a disabled rule, not a throttled function.
    stageAlarm(this, 'SilentAlarm', {
      stage,
      name: 'reconciler-silent',
      meaning: 'The reconciler has not run for five minutes.',
      look: rulePage(rule),
      metric: this.function.metricInvocations({ period, statistic: 'Sum' }),
      below: 1,
      periods: { breaching: 5, of: 5 },
      essential: true,
      stopsTasks: true,
    });
    stageAlarm(this, 'OldestUnfinishedTaskAlarm', {
      stage,
      name: 'oldest-unfinished-task',
      meaning: 'A task that could have been begun long ago waits for a worker.',
      look: dashboardPage(dashboardName(stage)),
      metric: stageMetric(stage, stageMetrics.oldestUnfinished, { period, statistic: 'Maximum' }),
      // Seconds. The time that a task asked to wait does not count.
      from: { dev: 1800, staging: 1800, prod: 900 },
      periods: { breaching: 2, of: 3 },
      // Where the reconciler does not run, nothing is known of the wait.
      keepsState: true,
      essential: true,
      stopsTasks: true,
    });
    stageAlarm(this, 'MissedSchedulesAlarm', {
      stage,
      name: 'missed-schedules',
      meaning: 'A schedule was due five to ten minutes ago, and no task was submitted.',
      look: rulesPage(),
      metric: stageMetric(stage, stageMetrics.missedSchedules, { period, statistic: 'Maximum' }),
      from: 1,
      periods: { breaching: 1, of: 1 },
      essential: true,
      stopsTasks: true,
    });
  }
}
