import { Annotations, Aws, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { StageSettings } from '../stages.ts';

/**
 * Where alarms go, and from where they reach people: by e-mail where the stage names an address, else by what somebody
 * subscribes. It outlives the pipeline's stack, because a new topic would ask every subscriber for a confirmation.
 */
export class AlarmTopic extends Construct {
  readonly topic: sns.Topic;

  constructor(scope: Construct, id: string, { stage }: { readonly stage: StageSettings }) {
    super(scope, id);
    this.topic = new sns.Topic(this, 'Topic', {
      displayName: `Celeriac ${stage.name}`,
      enforceSSL: true,
      ...(stage.alarmKey && { masterKey: this.#key(stage) }),
    });
    // The refusal of plain HTTP takes the place of the policy that SNS makes by itself, which lets the account's alarms in.
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [ownAlarms()],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
      }),
    );
    if (stage.alarmEmail !== null) {
      this.topic.addSubscription(new subscriptions.EmailSubscription(stage.alarmEmail));
    } else if (stage.keepsData) {
      Annotations.of(this).addInfo(
        'no alarm reaches anybody by mail: give -c alarmEmail= an address, or subscribe to AlarmTopicArn',
      );
    }
  }

  /** A key of our own, because CloudWatch may not use the one that SNS has in every account. */
  #key(stage: StageSettings): kms.Key {
    const key = new kms.Key(this, 'Key', {
      description: `Celeriac: alarms of ${stage.name} on their way`,
      enableKeyRotation: true,
      removalPolicy: stage.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [ownAlarms()],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        // In a key's policy: this key.
        resources: ['*'],
      }),
    );
    return key;
  }
}

/** CloudWatch on behalf of this account, and of no other. */
function ownAlarms(): iam.ServicePrincipal {
  return new iam.ServicePrincipal('cloudwatch.amazonaws.com', {
    conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
  });
}
