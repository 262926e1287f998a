import type { QueueState } from '../emulators/inspect-queues.ts';
import type { RecordMetric } from './metric-store.ts';

/** How long SQS goes on to tell a queue's metrics, as zeros, after it was used last. */
const ACTIVE_FOR_MS = 6 * 3_600_000;

/**
 * Tells SQS's metrics of queues as they were at a moment. A queue that holds nothing has zeros as long as it is polled,
 * and for six hours after it held something; then it has no values.
 * Source: Amazon SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS".
 * @param isPolled whether something receives from a queue
 */
export function measureQueues(
  record: RecordMetric,
  isPolled: (queueName: string) => boolean,
): (states: readonly QueueState[], at: number) => void {
  const lastUsed = new Map<string, number>();

  return (states, at) => {
    for (const { name, visible, notVisible, delayed, oldestSentAt } of states) {
      if (visible + notVisible + delayed > 0 || isPolled(name)) lastUsed.set(name, at);
      if (at - (lastUsed.get(name) ?? Number.NEGATIVE_INFINITY) > ACTIVE_FOR_MS) continue;
      const values = {
        ApproximateNumberOfMessagesVisible: visible,
        ApproximateNumberOfMessagesNotVisible: notVisible,
        ApproximateNumberOfMessagesDelayed: delayed,
        ApproximateAgeOfOldestMessage: oldestSentAt === null ? 0 : Math.floor((at - oldestSentAt) / 1000),
      };
      for (const [metric, value] of Object.entries(values)) {
        record({ namespace: 'AWS/SQS', name: metric, dimensions: { QueueName: name } }, value, at);
      }
    }
  };
}
