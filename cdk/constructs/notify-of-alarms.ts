import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IConstruct } from 'constructs';
import { StageAlarm } from './stage-alarm.ts';

/** The alarms that were declared below a construct. */
export function alarmsIn(scope: IConstruct): readonly StageAlarm[] {
  return scope.node.findAll().filter((each) => each instanceof StageAlarm);
}

/** Has every alarm below a construct tell the topic when it goes on and when it ends; called once all are declared. */
export function notifyOfAlarms(scope: IConstruct, topic: ITopic): void {
  const tell = new SnsAction(topic);
  for (const alarm of alarmsIn(scope)) {
    alarm.addAlarmAction(tell);
    alarm.addOkAction(tell);
  }
}
