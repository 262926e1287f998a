import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { stageMetrics } from '#shared/metrics/metric-names.ts';
import { canCompute, type StageSettings } from '../stages.ts';
import type { HttpApi } from './http-api.ts';
import type { NodeFunction } from './node-function.ts';
import type { StageAlarm } from './stage-alarm.ts';
import { stageMetric } from './stage-metric.ts';
import { throttlesOf, type WatchedTable } from './table-alarms.ts';
import type { TaskQueue } from './task-queue.ts';

/** What is shown, in the order in which a task meets it. */
export interface PipelineDashboardProps {
  readonly stage: StageSettings;
  readonly alarms: readonly StageAlarm[];
  readonly api: HttpApi;
  readonly queues: readonly TaskQueue[];
  readonly functions: readonly NodeFunction[];
  readonly tables: readonly WatchedTable[];
}

const period = Duration.minutes(1);
const sum = { period, statistic: 'Sum' } as const;
const most = { period, statistic: 'Maximum' } as const;

/** As the console names the dashboard of a stage. */
export function dashboardName({ name }: StageSettings): string {
  return `celeriac-${name}`;
}

/**
 * One page of all that the pipeline measures: alarms, tasks, queues, functions, API, tables. Within the fifty metrics of the
 * dashboards that CloudWatch gives for free.
 */
export class PipelineDashboard extends Construct {
  constructor(scope: Construct, id: string, props: PipelineDashboardProps) {
    super(scope, id);
    if (!canCompute(props.stage)) return;
    new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: dashboardName(props.stage),
      defaultInterval: Duration.hours(3),
      widgets: [
        [
          new cloudwatch.AlarmStatusWidget({
            title: 'Alarms',
            alarms: [...props.alarms],
            width: 24,
            height: 6,
          }),
        ],
        taskGraphs(props.stage),
        queueGraphs(props.queues),
        functionGraphs(props.functions),
        apiGraphs(props.api),
        tableGraphs(props.tables),
      ],
    });
  }
}

function graph(title: string, left: readonly cloudwatch.IMetric[], width = 8): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({ title, left: [...left], width, leftYAxis: { min: 0 } });
}

function taskGraphs(stage: StageSettings): cloudwatch.IWidget[] {
  const count = (name: 'succeeded' | 'failed' | 'kept' | 'missedSchedules') =>
    stageMetric(stage, stageMetrics[name], sum);
  return [
    graph('Tasks that ended', [count('succeeded'), count('failed')]),
    graph('Longest wait for a worker, seconds', [stageMetric(stage, stageMetrics.oldestUnfinished, most)]),
    graph('Messages put back, schedules missed', [count('kept'), count('missedSchedules')]),
  ];
}

function queueGraphs(queues: readonly TaskQueue[]): cloudwatch.IWidget[] {
  const each = (metric: (queue: TaskQueue) => cloudwatch.Metric) =>
    queues.map((queue) => metric(queue).with({ label: queue.name }));
  return [
    graph(
      'Messages that wait',
      each(({ queue }) => queue.metricApproximateNumberOfMessagesVisible(most)),
    ),
    graph(
      'Age of the oldest message, seconds',
      each(({ queue }) => queue.metricApproximateAgeOfOldestMessage(most)),
    ),
    graph(
      'Dead letters',
      each(({ deadLetters }) => deadLetters.metricApproximateNumberOfMessagesVisible(most)),
    ),
  ];
}

function functionGraphs(functions: readonly NodeFunction[]): cloudwatch.IWidget[] {
  const each = (metric: (fn: NodeFunction['function']) => cloudwatch.Metric) =>
    functions.map(({ name, function: fn }) => metric(fn).with({ label: name }));
  return [
    graph(
      'Concurrent invocations',
      each((fn) => fn.metric('ConcurrentExecutions', most)),
    ),
    graph(
      'Longest invocation, milliseconds',
      each((fn) => fn.metricDuration(most)),
    ),
    graph(
      'Errors',
      each((fn) => fn.metricErrors(sum)),
    ),
  ];
}

function apiGraphs({ gateway }: HttpApi): cloudwatch.IWidget[] {
  if (gateway === null) return [];
  return [
    graph('Requests', [gateway.metricCount(sum)]),
    graph('Requests that failed', [gateway.metricClientError(sum), gateway.metricServerError(sum)]),
    graph('Latency, milliseconds', [
      gateway.metricLatency({ period, statistic: 'p50' }),
      gateway.metricLatency({ period, statistic: 'p99' }),
    ]),
  ];
}

function tableGraphs(tables: readonly WatchedTable[]): cloudwatch.IWidget[] {
  return [
    graph(
      'Read and write units',
      tables.flatMap(({ table }) => [
        table.metricConsumedReadCapacityUnits(sum),
        table.metricConsumedWriteCapacityUnits(sum),
      ]),
      12,
    ),
    graph('Calls turned away', tables.flatMap(throttlesOf), 12),
  ];
}
