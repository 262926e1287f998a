import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { TaskRecord } from '#shared/lifecycle/task-record.ts';
import type { AttemptEvent } from '#shared/pipeline/worker-setup.ts';
import type { QueueName } from '#shared/tasks/define-task.ts';
import { metricNamespace, queueMetrics, taskMetrics } from './metric-names.ts';

/** The measurements of one invocation, written together at its end (CloudWatch embedded metric format). */
export interface InvocationMetrics {
  /** Adds to a metric of these dimensions; `unit` is what the value counts. */
  add(
    dimensions: Readonly<Record<string, string>>,
    name: string,
    unit: 'Count' | 'Milliseconds',
    value: number,
  ): void;
  /** Writes what was added, a line for each set of dimensions, and forgets it. */
  flush(): void;
}

/**
 * Opens the metrics of one invocation. Each set of dimensions has a Powertools object of its own, so that tasks that run
 * side by side cannot mix theirs. Made anew for every invocation, for the same reason.
 */
export function openMetrics(): InvocationMetrics {
  const sets = new Map<string, Metrics>();

  function setFor(dimensions: Readonly<Record<string, string>>): Metrics {
    const key = JSON.stringify(Object.entries(dimensions).sort());
    const known = sets.get(key);
    if (known) return known;
    const metrics = new Metrics({ namespace: metricNamespace });
    // Powertools adds the dimension `service`, which alarms would then have to name.
    metrics.clearDefaultDimensions();
    metrics.setDefaultDimensions({ ...dimensions });
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
  if (!('record' in event)) return;
  const { task, queue: home } = event.record;
  const dimensions = { task, queue: home };
  switch (event.kind) {
    case 'started':
      metrics.add(dimensions, taskMetrics.started, 'Count', 1);
      metrics.add(dimensions, taskMetrics.queueWait, 'Milliseconds', event.waitedMs);
      if (tookOver(event.record)) metrics.add(dimensions, taskMetrics.lost, 'Count', 1);
      return;
    case 'failed':
      if (event.record.state === 'FAILURE' && event.record.error.type === 'WorkerLost') {
        metrics.add(dimensions, taskMetrics.lost, 'Count', 1);
      }
  }
  if (event.kind === 'succeeded' || event.kind === 'retrying' || event.kind === 'failed') {
    metrics.add(dimensions, taskMetrics[event.kind], 'Count', 1);
    metrics.add(dimensions, taskMetrics.duration, 'Milliseconds', event.durationMs);
  }
}

/** Whether the attempt was begun before by a worker that is gone: two starts of it in a row. */
function tookOver(record: TaskRecord): boolean {
  const [before, latest] = record.timeline.slice(-2);
  return before?.state === 'STARTED' && before.epoch === latest?.epoch && before.attempt === latest.attempt;
}
