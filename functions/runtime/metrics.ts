import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { isRunning, type TaskRecord } from '#shared/lifecycle/task-record.ts';
import { metricNamespace, queueMetrics, stageMetrics, taskMetrics } from '#shared/metrics/metric-names.ts';
import type { AttemptEvent } from '#shared/pipeline/worker-setup.ts';
import type { QueueName } from '#shared/tasks/define-task.ts';

/** The measurements of one invocation, written together at its end (CloudWatch embedded metric format). */
export interface InvocationMetrics {
  /** Adds to a metric of these dimensions, and of the stage; `unit` is what the value counts. */
  add(
    dimensions: Readonly<Record<string, string>>,
    name: string,
    unit: 'Count' | 'Milliseconds' | 'Seconds',
    value: number,
  ): void;
  /** Writes what was added, a line for each set of dimensions, and forgets it. */
  flush(): void;
}

/**
 * Opens the metrics of one invocation. Each set of dimensions has a Powertools object of its own, so that tasks that run
 * side by side cannot mix theirs. Made anew for every invocation, for the same reason. Every metric has the dimension
 * `stage`: stages may share an account.
 */
export function openMetrics(stage: string): InvocationMetrics {
  const sets = new Map<string, Metrics>();

  function setFor(dimensions: Readonly<Record<string, string>>): Metrics {
    const key = JSON.stringify(Object.entries(dimensions).sort());
    const known = sets.get(key);
    if (known) return known;
    const metrics = new Metrics({ namespace: metricNamespace });
    // Powertools adds the dimension `service`, which alarms would then have to name.
    metrics.clearDefaultDimensions();
    metrics.setDefaultDimensions({ stage, ...dimensions });
    sets.set(key, metrics);
    return metrics;
  }

  return {
    add(dimensions, name, unit, value) {
      setFor(dimensions).addMetric(name, MetricUnit[unit], value);
    },
    flush() {
      for (const metrics of sets.values()) metrics.publishStoredMetrics();
      sets.clear();
    },
  };
}

/** Counts what happened to a delivery from `queue`. */
export function measureAttempt(metrics: InvocationMetrics, queue: QueueName, event: AttemptEvent): void {
  if (event.kind === 'unreadable') metrics.add({ queue }, queueMetrics.unreadable, 'Count', 1);
  if (event.kind === 'fault') metrics.add({}, stageMetrics.kept, 'Count', 1);
  if (event.kind === 'snoozed') {
    const { task, queue: home } = event.record;
    metrics.add({ task, queue: home }, taskMetrics.snoozed, 'Count', 1);
  }
  if (event.kind === 'started') measureStart(metrics, event.record, event.waitedMs);
  if (event.kind === 'ended') measureEnd(metrics, event.record, event.durationMs);
}

function measureStart(metrics: InvocationMetrics, record: TaskRecord, waitedMs: number): void {
  const dimensions = { task: record.task, queue: record.queue };
  metrics.add(dimensions, taskMetrics.started, 'Count', 1);
  metrics.add(dimensions, taskMetrics.queueWait, 'Milliseconds', waitedMs);
  if (tookOver(record)) metrics.add(dimensions, taskMetrics.lost, 'Count', 1);
}

const endings = {
  SUCCESS: taskMetrics.succeeded,
  RETRY: taskMetrics.retrying,
  FAILURE: taskMetrics.failed,
  CANCELLED: taskMetrics.cancelled,
} as const;

function measureEnd(metrics: InvocationMetrics, record: TaskRecord, durationMs: number): void {
  const { state } = record;
  if (state === 'PENDING' || state === 'SCHEDULED' || isRunning(record)) return;
  const dimensions = { task: record.task, queue: record.queue };
  if (state === 'FAILURE' && record.error.type === 'WorkerLost') {
    metrics.add(dimensions, taskMetrics.lost, 'Count', 1);
  }
  metrics.add(dimensions, endings[record.state], 'Count', 1);
  metrics.add(dimensions, taskMetrics.duration, 'Milliseconds', durationMs);
  if (state === 'SUCCESS') metrics.add({}, stageMetrics.succeeded, 'Count', 1);
  if (state === 'FAILURE') metrics.add({}, stageMetrics.failed, 'Count', 1);
}

/** Whether the attempt was begun before by a worker that is gone: two starts of it in a row. */
function tookOver(record: TaskRecord): boolean {
  const [before, latest] = record.timeline.slice(-2);
  return before?.state === 'STARTED' && before.epoch === latest?.epoch && before.attempt === latest.attempt;
}
