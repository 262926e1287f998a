import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { QueueName } from '#shared/tasks/define-task.ts';
import type { StageSettings } from '../stages.ts';
import { queuePage } from './console-link.ts';
import { stageAlarm } from './stage-alarm.ts';

/** Which queue, and for which consumer. */
export interface TaskQueueProps {
  readonly stage: StageSettings;
  readonly name: QueueName;
  /** The timeout of the function that consumes the queue. */
  readonly consumerTimeout: Duration;
}

/** How a consumer takes messages from a queue. */
export interface Consumption {
  /** Messages an invocation gets at most, 1–10; the tasks of a batch run side by side. */
  readonly batchSize: number;
  /** Invocations at a time, 2–1000. */
  readonly maxConcurrency: number;
}

/** A queue of tasks with its dead-letter queue and their alarms; each grant tells the function where the queue is. */
export class TaskQueue extends Construct {
  readonly name: QueueName;
  readonly queue: sqs.Queue;
  readonly deadLetters: sqs.Queue;
  /** Part of the variables that tell functions where the queues are. */
  readonly #variable: string;
  /** What runs the consumer; null before there is one. */
  #mapping: lambda.EventSourceMapping | null = null;

  constructor(scope: Construct, id: string, props: TaskQueueProps) {
    super(scope, id);
    this.name = props.name;
    this.#variable = props.name.toUpperCase();
    this.deadLetters = new sqs.Queue(this, 'DeadLetters', {
      // A message that SQS moves keeps its age, so this must exceed the retention of the queue it comes from.
      retentionPeriod: Duration.days(14),
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    this.queue = new sqs.Queue(this, 'Queue', {
      retentionPeriod: Duration.days(4),
      // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html asks for six times the timeout.
      visibilityTimeout: Duration.seconds(6 * props.consumerTimeout.toSeconds()),
      // The record counts attempts and sends dead letters itself; this only stops a message that crashes every worker.
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 1000 },
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    this.#alarms(props);
  }

  /** Sending hints to look at a task. */
  grantSend(fn: lambda.Function): void {
    this.#allow(fn, ['sqs:SendMessage']);
  }

  /** Asking how the queue is, for the health check. */
  grantInspect(fn: lambda.Function): void {
    this.#allow(fn, ['sqs:GetQueueAttributes']);
  }

  /** Running the function for the queue's messages, which it may also put back for a while. */
  grantConsume(fn: lambda.Function, consumption: Consumption): void {
    this.#allow(fn, [
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ChangeMessageVisibility',
    ]);
    this.#mapping = fn.addEventSourceMapping(this.node.id, {
      eventSourceArn: this.queue.queueArn,
      reportBatchItemFailures: true,
      ...consumption,
    });
  }

  /** Asking whether the queue's consumer is switched on; tells the function which event source mapping it is. */
  grantWatchConsumer(fn: lambda.Function): void {
    const mapping = this.#mapping;
    if (mapping === null)
      throw new Error(`the queue ${this.name} has no consumer to watch: declare it first`);
    fn.addEnvironment('CONSUMER_MAPPING_ID', mapping.eventSourceMappingId);
    fn.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['lambda:GetEventSourceMapping'],
        resources: [mapping.eventSourceMappingArn],
      }),
    );
  }

  /** Sending dead letters, and messages that nobody can read. */
  grantDeadLetter(fn: lambda.Function): void {
    this.#allowDeadLetters(fn, ['sqs:SendMessage']);
  }

  /** Looking through the dead letters, and removing those whose task has gone on without them. */
  grantSweepDeadLetters(fn: lambda.Function): void {
    this.#allowDeadLetters(fn, ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility']);
  }

  #allowDeadLetters(fn: lambda.Function, actions: string[]): void {
    fn.addEnvironment(`DEAD_LETTER_${this.#variable}_URL`, this.deadLetters.queueUrl);
    fn.addToRolePolicy(new iam.PolicyStatement({ actions, resources: [this.deadLetters.queueArn] }));
  }

  #allow(fn: lambda.Function, actions: string[]): void {
    fn.addEnvironment(`QUEUE_${this.#variable}_URL`, this.queue.queueUrl);
    fn.addToRolePolicy(new iam.PolicyStatement({ actions, resources: [this.queue.queueArn] }));
  }

  #alarms({ stage, name }: TaskQueueProps): void {
    const period = Duration.minutes(1);
    stageAlarm(this, 'DeadLettersAlarm', {
      stage,
      name: `${name}-dead-letters`,
      meaning: `Tasks of the ${name} queue failed for good and wait for a decision.`,
      look: queuePage(this.deadLetters),
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
      from: 1,
      periods: { breaching: 1, of: 1 },
      essential: true,
    });
    stageAlarm(this, 'AgeAlarm', {
      stage,
      name: `${name}-age`,
      meaning: `A task of the ${name} queue has waited for half an hour: its worker does not keep up.`,
      look: queuePage(this.queue),
      metric: this.queue.metricApproximateAgeOfOldestMessage({ period, statistic: 'Maximum' }),
      // A delay (up to 15 minutes) and a backoff (up to 15 more) age a message too, and are no fault.
      from: Duration.minutes(30).toSeconds(),
      // The metric jumps when a worker puts a message back, so one minute alone tells nothing.
      periods: { breaching: 2, of: 3 },
      stopsTasks: true,
    });
  }
}
