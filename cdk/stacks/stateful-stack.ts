import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AlarmTopic } from '../constructs/alarm-topic.ts';
import { ApplicationTable } from '../constructs/application-table.ts';
import { FileBucket } from '../constructs/file-bucket.ts';
import { PayloadBucket } from '../constructs/payload-bucket.ts';
import { PipelineTable } from '../constructs/pipeline-table.ts';
import type { StageSettings } from '../stages.ts';

/** What the stack needs to know beside CDK's own settings. */
export interface StatefulStackProps extends StackProps {
  readonly stage: StageSettings;
}

/** Everything that must not be lost, apart from what may be replaced at any deployment. */
export class StatefulStack extends Stack {
  readonly pipelineTable: PipelineTable;
  readonly applicationTable: ApplicationTable;
  readonly payloadBucket: PayloadBucket;
  readonly fileBucket: FileBucket;
  readonly alarmTopic: AlarmTopic;

  constructor(scope: Construct, id: string, props: StatefulStackProps) {
    super(scope, id, {
      description: 'Celeriac: task records, application data, payloads and files',
      ...props,
    });
    this.pipelineTable = new PipelineTable(this, 'PipelineTable', props);
    this.applicationTable = new ApplicationTable(this, 'ApplicationTable', props);
    this.payloadBucket = new PayloadBucket(this, 'PayloadBucket', props);
    this.fileBucket = new FileBucket(this, 'FileBucket', props);
    this.alarmTopic = new AlarmTopic(this, 'Alarms', props);
    new CfnOutput(this, 'AlarmTopicArn', { value: this.alarmTopic.topic.topicArn });
  }
}
