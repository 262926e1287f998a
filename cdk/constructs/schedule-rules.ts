import { Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ruleExpression } from '#shared/schedules/rule-expression.ts';
import type { Schedule } from '#shared/schedules/schedule.ts';
import type { StageSettings } from '../stages.ts';
import type { UndeliveredEvents } from './undelivered-events.ts';

/** Which schedules, and who is told that one may be due. */
export interface ScheduleRulesProps {
  readonly stage: StageSettings;
  readonly schedules: readonly Schedule[];
  readonly beat: lambda.Function;
  /** Takes the events that the beat could not be given. */
  readonly undelivered: UndeliveredEvents;
}

/**
 * A rule for each schedule, under its name in EventBridge's console. Rules know UTC only, so one of another zone fires
 * whenever its schedule may be due, and the beat decides.
 */
export class ScheduleRules extends Construct {
  constructor(scope: Construct, id: string, { stage, schedules, beat, undelivered }: ScheduleRulesProps) {
    super(scope, id);
    const prefix = `celeriac-${stage.name}-`;
    const anyOfOurs = Stack.of(this).formatArn({
      service: 'events',
      resource: 'rule',
      resourceName: `${prefix}*`,
    });
    const deadLetterConfig = undelivered.acceptFrom(anyOfOurs);
    for (const schedule of schedules) {
      const { name, description, cron, timeZone } = schedule;
      new events.Rule(this, name, {
        ruleName: `${prefix}${name}`,
        description: `Celeriac: ${description} (${cron} in ${timeZone})`,
        schedule: events.Schedule.expression(ruleExpression(schedule)),
        targets: [{ bind: () => ({ arn: beat.functionArn, input: inputFor(name), deadLetterConfig }) }],
      });
    }
    // CDK's own target grants each rule a permission, and 20 KB of policy are full at some 40.
    beat.addPermission('ScheduleRules', {
      principal: new iam.ServicePrincipal('events.amazonaws.com'),
      sourceArn: anyOfOurs,
    });
  }
}

/** A constant input would lose the event's time, which tells the minute that is asked about. */
function inputFor(schedule: string): events.RuleTargetInput {
  return events.RuleTargetInput.fromObject({
    id: events.EventField.eventId,
    time: events.EventField.time,
    schedule,
  });
}
