import type { ProvisionedTopic } from '../provision/create-topics.ts';
import type { TopicClient } from '../provision/topic-client.ts';
import { mailOf, messageOf, type StateChange, subjectOf } from './alarm-message.ts';

/**
 * Publishes a change of state to the topics that the alarm names for its new state, and prints what would be mailed to
 * whom. An alarm whose actions are off tells nobody. A topic that refuses is told in the log, and the others go on.
 */
export function notifyTopics(options: {
  topics: readonly ProvisionedTopic[];
  call: TopicClient;
  log: (line: string) => void;
}): (change: StateChange) => Promise<void> {
  const { call, log } = options;
  const mailedTo = new Map(options.topics.map((topic) => [topic.arn, topic.mailedTo]));

  return async (change) => {
    const { alarm, to } = change;
    if (!alarm.actionsEnabled) return;
    for (const arn of alarm.actions[to]) {
      try {
        await call('Publish', { TopicArn: arn, Subject: subjectOf(change), Message: messageOf(change) });
        for (const address of mailedTo.get(arn) ?? []) {
          log(`mail to ${address}: ${subjectOf(change)}\n${mailOf(change)}`);
        }
      } catch (error) {
        log(`alarm ${alarm.name}: ${arn} was not told: ${String(error)}`);
      }
    }
  };
}
