import { Duration, type Size } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { ICommandHooks } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Construct } from 'constructs';
import type { TaskSpec } from '#shared/tasks/define-task.ts';
import type { StageSettings } from '../stages.ts';
import { latePeriods } from './late-periods.ts';
import { NodeFunction } from './node-function.ts';
import { stageAlarm } from './stage-alarm.ts';
import type { Consumption, TaskQueue } from './task-queue.ts';

/** A worker: one function and the queues it consumes. */
export interface WorkerProps {
  readonly stage: StageSettings;
  readonly name: string;
  readonly entry: string;
  /**
   * Puts beside its bundle what its tasks run in threads.
   * @default nothing
   */
  readonly beside?: ICommandHooks;
  readonly memorySize: number;
  readonly timeout: Duration;
  /** @default 512 MB of `/tmp` */
  readonly ephemeralStorage?: Size;
  /** All tasks; those of its queues it must be able to finish. */
  readonly tasks: readonly TaskSpec[];
  readonly consumes: readonly (Consumption & { readonly queue: TaskQueue })[];
}

/** The part of a limit at which it counts as near. */
const nearly = 0.9;

/** Seconds that an attempt leaves its worker for recording how the batch ended. */
const recordingSeconds = 20;

/** Runs the tasks of its queues. */
export class Worker extends Construct {
  readonly function: lambda.Function;
  /** The variable that tells functions of this worker: named after the first of its queues. */
  readonly #variable: string;

  constructor(scope: Construct, id: string, props: WorkerProps) {
    super(scope, id);
    this.#variable = `WORKER_${props.consumes[0]?.queue.name.toUpperCase()}_FUNCTION`;
    const queues = props.consumes.map(({ queue }) => queue.name);
    requireTimeFor(
      props.tasks.filter(({ queue }) => queues.includes(queue)),
      props,
    );
    const node = new NodeFunction(this, 'Function', {
      stage: props.stage,
      name: props.name,
      description: `Celeriac: runs tasks of ${queues.join(' and ')}`,
      entry: props.entry,
      ...(props.beside && { beside: props.beside }),
      ...(props.ephemeralStorage && { ephemeralStorage: props.ephemeralStorage }),
      memorySize: props.memorySize,
      timeout: props.timeout,
      // Tasks submit tasks, so a queue may well call itself; the depth of a chain is bounded where it is submitted.
      recursiveLoop: lambda.RecursiveLoop.ALLOW,
      runsTasks: true,
    });
    this.function = node.function;
    for (const { queue, ...consumption } of props.consumes) queue.grantConsume(this.function, consumption);
    this.#alarms(props, node.logPage);
  }

  /** Signs that the worker will soon be too small or too slow, before tasks wait or are cut off. */
  #alarms({ stage, name, timeout, consumes }: WorkerProps, look: string): void {
    const most = consumes.reduce((all, { maxConcurrency }) => all + maxConcurrency, 0);
    stageAlarm(this, 'ConcurrencyAlarm', {
      stage,
      name: `${name}-concurrency`,
      meaning: `The ${name} has run at the most that its queues allow, ${most} at a time, for a quarter of an hour.`,
      look,
      metric: this.function.metric('ConcurrentExecutions', {
        period: Duration.minutes(1),
        statistic: 'Maximum',
      }),
      from: Math.ceil(nearly * most),
      periods: { breaching: 15, of: 15 },
    });
    const period = Duration.minutes(5);
    stageAlarm(this, 'DurationAlarm', {
      stage,
      name: `${name}-duration`,
      meaning: `The ${name} nearly runs out of its ${timeout.toSeconds()} seconds, again and again.`,
      look,
      metric: this.function.metricDuration({ period, statistic: 'Maximum' }),
      from: Math.floor(nearly * timeout.toMilliseconds()),
      // One long task is no trend.
      periods: { breaching: 2, of: 3 + latePeriods(timeout, period) },
    });
  }

  /** Running a task at once and waiting for its end; tells the function which one the worker is. */
  grantInvoke(fn: lambda.Function): void {
    fn.addEnvironment(this.#variable, this.function.functionName);
    // CDK's own grant would allow every version and alias too.
    fn.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: [this.function.functionArn],
      }),
    );
  }
}

/** Refuses at synth what would fail in the night: a task whose hard limit its worker cannot wait for. */
function requireTimeFor(tasks: readonly TaskSpec[], { name, timeout }: WorkerProps): void {
  for (const task of tasks) {
    const needed = task.timeLimit.hard + recordingSeconds;
    if (needed > timeout.toSeconds()) {
      throw new Error(
        `task ${task.name}: its hard limit of ${task.timeLimit.hard} s needs a worker of ${needed} s, but ${name} ` +
          `has ${timeout.toSeconds()} s: lower timeLimit.hard or move the task to a queue with a longer worker`,
      );
    }
  }
}
