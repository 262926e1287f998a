/**
 * The metrics of AWS that the laptop cloud measures, by namespace. Those of other names come from what functions print.
 */
const MEASURED: Readonly<Record<string, readonly string[]>> = {
  'AWS/Lambda': ['Invocations', 'Errors', 'Throttles', 'Duration', 'ConcurrentExecutions'],
  'AWS/SQS': [
    'ApproximateNumberOfMessagesVisible',
    'ApproximateNumberOfMessagesNotVisible',
    'ApproximateNumberOfMessagesDelayed',
    'ApproximateAgeOfOldestMessage',
  ],
  'AWS/ApiGateway': ['Count', '4xx', '5xx', 'Latency', 'IntegrationLatency'],
  'AWS/Events': [
    'TriggeredRules',
    'Invocations',
    'FailedInvocations',
    'InvocationsSentToDlq',
    'InvocationsFailedToBeSentToDlq',
  ],
  'AWS/DynamoDB': [
    'SystemErrors',
    'UserErrors',
    'ThrottledRequests',
    'ReadThrottleEvents',
    'WriteThrottleEvents',
  ],
};

/** Metrics of AWS that never have a value on a laptop, each with the reason: their alarms see missing data. */
const WITHOUT_DATA: Readonly<Record<string, string>> = {
  'AWS/Lambda AsyncEventsDropped': 'events are repeated at once and never grow too old',
  'AWS/Lambda DestinationDeliveryFailures': 'destinations are not imitated',
  'AWS/Lambda DeadLetterErrors': "functions' own dead-letter queues are not imitated",
  'AWS/SNS NumberOfNotificationsFailed': 'no notification leaves the laptop',
};

/** Whether the laptop cloud can tell a metric of AWS, or knows that it never has a value here. */
export function isKnownMetric(namespace: string, name: string): boolean {
  if (!namespace.startsWith('AWS/')) return true;
  return (MEASURED[namespace]?.includes(name) ?? false) || `${namespace} ${name}` in WITHOUT_DATA;
}
