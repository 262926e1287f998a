/** The CloudWatch namespace of everything the functions measure. */
export const metricNamespace = 'Celeriac';

/** Metrics of tasks; each has the dimensions `stage`, `queue` and `task`. */
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

/** Metrics of messages, with the dimensions `stage` and `queue`. */
export const queueMetrics = {
  /** Messages that no worker can handle; they went to the dead-letter queue. */
  unreadable: 'MessagesUnreadable',
} as const;

/**
 * What alarms watch of the whole stage, with the dimension `stage` alone: an alarm must name every dimension of its
 * metric, and nobody wants one for each task.
 */
export const stageMetrics = {
  /** Those of {@link taskMetrics}, counted once more over all tasks. */
  succeeded: 'TasksSucceeded',
  failed: 'TasksFailed',
  /** Messages kept because the store or the queue failed. */
  kept: 'MessagesKept',
  /** Seconds for which the task that waits longest could have been begun; 0 when none waits for a minute. */
  oldestUnfinished: 'OldestUnfinishedTask',
  /** Times of schedules, five to ten minutes ago, at which no task was submitted. */
  missedSchedules: 'MissedSchedules',
} as const;

/** What tells the reconciler's own metrics from others, beside `stage`. */
export const reconcilerDimensions = { service: 'reconciler' } as const;

/** Metrics of the reconciler, each with `stage` and {@link reconcilerDimensions}. */
export const reconcilerMetrics = {
  hintsSent: 'ReconcilerHintsSent',
  lettersSent: 'ReconcilerLettersSent',
  /** Dead letters removed because their task had gone on without them. */
  lettersSwept: 'ReconcilerLettersSwept',
  failed: 'ReconcilerFailures',
} as const;
