import type { Alarm } from './alarms/alarm.ts';
import { notifyTopics } from './alarms/notify-topics.ts';
import { type AlarmRunner, runAlarms } from './alarms/run-alarms.ts';
import type { LaptopClock } from './clock/laptop-clock.ts';
import { readEmbeddedMetrics } from './metrics/embedded-metrics.ts';
import { type FunctionMeasurement, measureFunctions } from './metrics/measure-functions.ts';
import { measureQueues } from './metrics/measure-queues.ts';
import type { MetricStore } from './metrics/metric-store.ts';
import type { ProvisionedTopic } from './provision/create-topics.ts';
import type { Backends } from './start-backends.ts';

/** What measures the laptop cloud, and evaluates the templates' alarms by it. */
export interface Monitoring {
  readonly alarms: AlarmRunner;
  /** Gets what happens to functions. */
  readonly measureFunction: FunctionMeasurement['tell'];
  /** Looks for metrics in a line that a function printed. */
  readLine(functionName: string, line: string): void;
  /** Moves the clock, and evaluates the alarms of every minute that it passes over; see `RuleRunnerOptions`. */
  moveClock(ms: number, leavesOut: boolean): Promise<void>;
}

/** Source: "PutMetricData" in the Amazon CloudWatch API reference, Timestamp. */
const MOST_AHEAD_MS = 2 * 3_600_000;

/** Begins to measure and to evaluate. */
export function runMonitoring(options: {
  alarms: readonly Alarm[];
  metrics: MetricStore;
  topics: readonly ProvisionedTopic[];
  queueNames: readonly string[];
  /** Whether something receives from a queue. */
  isPolled: (queueName: string) => boolean;
  backends: Pick<Backends, 'inspectQueues' | 'callTopics'>;
  clock: LaptopClock;
  log: (line: string) => void;
}): Monitoring {
  const { alarms, metrics, topics, queueNames, backends, clock, log } = options;
  const measure = measureQueues(metrics.record, options.isPolled);
  const functions = measureFunctions(metrics.record, clock.now);
  const runner = runAlarms({
    alarms,
    store: metrics,
    now: clock.now,
    sample: async (moments) => {
      if (alarms.length === 0 || moments.length === 0) return;
      const states = await backends.inspectQueues(queueNames, moments);
      for (const [index, moment] of moments.entries()) {
        const lastInstant = moment - 1;
        measure(states[index] ?? [], lastInstant);
        functions.sample(lastInstant);
      }
    },
    notify: notifyTopics({ topics, call: backends.callTopics, log }),
    log,
  });

  return {
    alarms: runner,
    measureFunction: functions.tell,
    readLine: (functionName, line) => {
      const { values, faults } = readEmbeddedMetrics(line);
      const latest = clock.now() + MOST_AHEAD_MS;
      for (const { metric, value, at } of values) {
        if (at <= latest) metrics.record(metric, value, at);
        else faults.push(`${metric.name} is of ${new Date(at).toISOString()}, over two hours ahead`);
      }
      for (const fault of faults)
        log(`metrics: ${functionName} printed what CloudWatch would not take: ${fault}`);
    },
    moveClock: (ms, leavesOut) => {
      if (leavesOut) runner.leaveOut(clock.now() + ms);
      clock.advance(ms);
      return runner.catchUp();
    },
  };
}
