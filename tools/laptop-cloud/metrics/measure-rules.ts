import type { RecordMetric } from './metric-store.ts';

/**
 * What happened to a rule: it was due, or a target was done with. `undelivered` is an event that no function took and
 * no dead-letter queue keeps; a function that took it and failed was invoked all the same.
 */
export type RuleEvent = 'triggered' | 'invoked' | 'undelivered' | 'sent to dead letters' | 'dead letter lost';

const METRICS: Readonly<Record<RuleEvent, readonly string[]>> = {
  triggered: ['TriggeredRules'],
  invoked: ['Invocations'],
  undelivered: ['Invocations', 'FailedInvocations'],
  'sent to dead letters': ['Invocations', 'InvocationsSentToDlq'],
  'dead letter lost': ['Invocations', 'FailedInvocations', 'InvocationsFailedToBeSentToDlq'],
};

/**
 * Tells EventBridge's metrics, for the rule and for all rules together.
 * Source: Amazon EventBridge User Guide, "Monitoring Amazon EventBridge".
 */
export function measureRules(
  record: RecordMetric,
  now: () => number,
): (ruleName: string, event: RuleEvent) => void {
  return (ruleName, event) => {
    for (const name of METRICS[event]) {
      for (const dimensions of [{ RuleName: ruleName }, {}]) {
        record({ namespace: 'AWS/Events', name, dimensions }, 1, now());
      }
    }
  };
}
