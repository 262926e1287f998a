import { Duration } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { StageSettings } from '../stages.ts';
import { acknowledgeFinding } from './acknowledge-finding.ts';
import { queuePage } from './console-link.ts';
import { stageAlarm } from './stage-alarm.ts';

/**
 * Where events end that came to nothing: those that EventBridge could not deliver, and those that a function failed on at
 * every attempt. Nobody reads the queue but the operator, who is told by its alarm.
 */
export class UndeliveredEvents extends Construct {
  readonly queue: sqs.Queue;
  /** As the on-failure destination of a function. */
  readonly destination: lambda.IDestination;

  constructor(scope: Construct, id: string, { stage }: { readonly stage: StageSettings }) {
    super(scope, id);
    this.queue = new sqs.Queue(this, 'Queue', {
      retentionPeriod: Duration.days(14),
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    acknowledgeFinding(this.queue, {
      id: 'AwsSolutions-SQS3',
      reason: 'It is a dead-letter queue: of rules, which are no queues that could name it.',
    });
    const { queueArn } = this.queue;
    this.destination = {
      // Sending is all that Lambda does there; CDK's own destination grants more.
      bind: (_scope, fn) => {
        fn.addToRolePolicy(new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queueArn] }));
        return { destination: queueArn };
      },
    };
    stageAlarm(this, 'Alarm', {
      stage,
      name: 'rule-dead-letters',
      meaning: 'An event of a rule came to nothing, at the door of its function or at each of its attempts.',
      look: queuePage(this.queue),
      metric: this.queue.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: 'Maximum',
      }),
      from: 1,
      periods: { breaching: 1, of: 1 },
    });
  }

  /**
   * As the dead-letter queue of rules' targets. Without a policy EventBridge would drop the events silently.
   * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
   * @param ruleArn of the rules that may put events there, with wildcards
   */
  acceptFrom(ruleArn: string): events.CfnRule.DeadLetterConfigProperty {
    this.queue.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.queue.queueArn],
        conditions: { ArnLike: { 'aws:SourceArn': ruleArn } },
      }),
    );
    return { arn: this.queue.queueArn };
  }
}
