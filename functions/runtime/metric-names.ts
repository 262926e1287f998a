/** The CloudWatch namespace of everything the functions measure. */
export const metricNamespace = 'Celeriac';

/** Metrics of tasks; each has the dimensions `task` and `queue`, alarms and dashboards must name both. */
export const taskMetrics = {
  started: 'TasksStarted',
  succeeded: 'TasksSucceeded',
  retrying: 'TasksRetrying',
  failed: 'TasksFailed',
  cancelled: 'TasksCancelled',
  /** Put off by a rate limit or a concurrency key. */
  snoozed: 'TasksSnoozed',
  /** Workers that died over a task. */
  lost: 'TasksLost',
  /** Milliseconds from claim to outcome. */
  duration: 'TaskDuration',
  /** Milliseconds between being ready to run and being claimed. */
  queueWait: 'QueueWait',
} as const;

/** Metrics of messages, with the dimension `queue`. */
export const queueMetrics = {
  /** Messages that no worker can handle; they went to the dead-letter queue. */
  unreadable: 'MessagesUnreadable',
  /** Messages kept because the store or the queue failed. */
  kept: 'MessagesKept',
} as const;

/** The dimension of the reconciler's metrics: the embedded metric format drops metrics that have none. */
export const reconcilerDimensions = { service: 'reconciler' } as const;

/** Metrics of the reconciler, each with {@link reconcilerDimensions}. */
export const reconcilerMetrics = {
  hintsSent: 'ReconcilerHintsSent',
  lettersSent: 'ReconcilerLettersSent',
  /** Dead letters removed because their task had gone on without them. */
  lettersSwept: 'ReconcilerLettersSwept',
  failed: 'ReconcilerFailures',
} as const;
