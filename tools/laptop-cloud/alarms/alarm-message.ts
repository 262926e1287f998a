import { LAPTOP_ACCOUNT } from '../assembly/laptop-account.ts';
import type { Alarm, AlarmState } from './alarm.ts';

/** That an alarm went from one state to another. */
export interface StateChange {
  alarm: Alarm;
  from: AlarmState;
  to: AlarmState;
  reason: string;
  /** Milliseconds since the epoch, by the laptop's clock. */
  at: number;
}

/** The laptop's region in the words that CloudWatch uses in its messages. */
const REGION = 'US East (N. Virginia)';

const LONGEST_SUBJECT = 100;

/** The subject of the notification; SNS takes up to 100 characters. */
export function subjectOf({ alarm, to }: StateChange): string {
  return `${to}: "${alarm.name}" in ${REGION}`.slice(0, LONGEST_SUBJECT);
}

/**
 * The JSON that CloudWatch publishes to a topic when an alarm changes its state.
 * Source: the samples in the Amazon CloudWatch User Guide, "Notifying users on alarm changes", and in AWS's libraries.
 */
export function messageOf({ alarm, from, to, reason, at }: StateChange): string {
  return JSON.stringify({
    AlarmName: alarm.name,
    AlarmDescription: alarm.description,
    AWSAccountId: LAPTOP_ACCOUNT,
    NewStateValue: to,
    NewStateReason: reason,
    StateChangeTime: new Date(at).toISOString().replace('Z', '+0000'),
    Region: REGION,
    AlarmArn: alarm.arn,
    OldStateValue: from,
    OKActions: alarm.actions.OK,
    AlarmActions: alarm.actions.ALARM,
    InsufficientDataActions: alarm.actions.INSUFFICIENT_DATA,
    ...alarm.notified,
  });
}

/** What a mail about it says, in a few lines. */
export function mailOf({ alarm, from, to, reason, at }: StateChange): string {
  return [
    alarm.description,
    `State change: ${from} -> ${to} at ${new Date(at).toISOString()}`,
    `Reason: ${reason}`,
    `Alarm: ${alarm.arn}`,
  ].join('\n');
}
