import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { StageSettings } from '../stages.ts';
import { NodeFunction } from './node-function.ts';

/**
 * Looks every minute for tasks that nobody would look at otherwise. A run that is missed or fails is not repeated:
 * the next does its work. Retries off, no event older than a minute and 50 s to run keep runs from piling up without
 * reserving concurrency, of which a new account has 10 in all.
 */
export class Reconciler extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, props: { readonly stage: StageSettings }) {
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
      asynchronous: once,
    }).function;
    new events.Rule(this, 'EveryMinute', {
      description: 'Celeriac: runs the reconciler',
      schedule: events.Schedule.rate(Duration.minutes(1)),
      targets: [new targets.LambdaFunction(this.function, once)],
    });

    // Nothing else would notice that lost tasks are looked for no more: not a disabled rule, not a throttled function.
    new cloudwatch.Alarm(this, 'SilentAlarm', {
      alarmName: `celeriac-${props.stage.name}-reconciler-silent`,
      alarmDescription:
        'The reconciler has not run for five minutes. What to do: docs/runbook.md, "reconciler-silent".',
      metric: this.function.metricInvocations({ period: Duration.minutes(1), statistic: 'Sum' }),
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 5,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    });
  }
}
