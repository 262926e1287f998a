import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { v7 } from 'uuid';
import { dynamoDbClient, sqsClient } from '#shared/aws/clients.ts';
import { createDynamoDbLimitStore } from '#shared/aws/dynamodb-limit-store.ts';
import { createDynamoDbTaskStore } from '#shared/aws/dynamodb-task-store.ts';
import { createSqsTaskQueue, type QueueUrls } from '#shared/aws/sqs-task-queue.ts';
import { type Environment, readTraceHeader, type VariableName } from '#shared/env.ts';
import { systemClock } from '#shared/ports/clock.ts';
import type { PayloadStore } from '#shared/ports/payload-store.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';
import type { QueueName } from '#shared/tasks/define-task.ts';

/** The variables that tell functions where each queue is. */
export const queueVariables = {
  default: 'QUEUE_DEFAULT_URL',
  priority: 'QUEUE_PRIORITY_URL',
  geo_processing: 'QUEUE_GEO_PROCESSING_URL',
} as const satisfies Record<QueueName, VariableName>;

/** The variables of functions that end tasks, and so send dead letters. */
export const deadLetterVariables = {
  default: 'DEAD_LETTER_DEFAULT_URL',
  priority: 'DEAD_LETTER_PRIORITY_URL',
  geo_processing: 'DEAD_LETTER_GEO_PROCESSING_URL',
} as const satisfies Record<QueueName, VariableName>;

type QueueVariable = (typeof queueVariables | typeof deadLetterVariables)[QueueName];

/** The table, and those of the queues that the function may use. */
type PipelineEnvironment = Pick<Environment, 'PIPELINE_TABLE_NAME'> &
  Partial<Pick<Environment, QueueVariable>>;

/** The pipeline on AWS, and the clients it was made with, for what else a function does with them. */
export interface Pipeline {
  readonly ports: PipelinePorts;
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly sqs: SQSClient;
}

/**
 * Connects the pipeline to AWS; called once, when the function's code is loaded. No call is made yet. What the function
 * was not granted (queues, dead letters, payloads) throws when it is used.
 */
export function openPipeline(
  environment: PipelineEnvironment,
  payloads: PayloadStore = noPayloads,
): Pipeline {
  const dynamoDb = dynamoDbClient();
  const sqs = sqsClient();
  const queues = {
    default: queueUrls(environment, 'default'),
    priority: queueUrls(environment, 'priority'),
    geo_processing: queueUrls(environment, 'geo_processing'),
  };
  const table = { client: dynamoDb, tableName: environment.PIPELINE_TABLE_NAME };
  const ports = {
    store: createDynamoDbTaskStore(table),
    limits: createDynamoDbLimitStore(table),
    queue: createSqsTaskQueue({ client: sqs, queues, traceHeader: readTraceHeader }),
    payloads,
    clock: systemClock,
    random: Math.random,
    newId: () => v7(),
  };
  return { ports, dynamoDb, sqs };
}

function queueUrls(environment: PipelineEnvironment, queue: QueueName): QueueUrls {
  return {
    get url() {
      return environment[queueVariables[queue]] ?? notGranted(`the queue ${queue}`);
    },
    get deadLetterUrl() {
      return environment[deadLetterVariables[queue]] ?? notGranted(`the dead-letter queue of ${queue}`);
    },
  };
}

const noPayloads: PayloadStore = {
  put: async () => notGranted('the payload bucket'),
  get: async () => notGranted('the payload bucket'),
  list: async () => notGranted('the payload bucket'),
  remove: async () => notGranted('the payload bucket'),
};

function notGranted(what: string): never {
  throw new Error(`this function was not granted ${what}: grant it in the template`);
}
