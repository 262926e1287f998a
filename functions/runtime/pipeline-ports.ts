import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { v7 } from 'uuid';
import { dynamoDbClient, sqsClient } from '#shared/aws/clients.ts';
import { createDynamoDbLimitStore } from '#shared/aws/dynamodb-limit-store.ts';
import { createDynamoDbTaskStore } from '#shared/aws/dynamodb-task-store.ts';
import { createSqsTaskQueue, type QueueUrls } from '#shared/aws/sqs-task-queue.ts';
import type { Environment } from '#shared/env.ts';
import { systemClock } from '#shared/ports/clock.ts';
import type { PayloadStore } from '#shared/ports/payload-store.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';

/** The variables that every function of the pipeline has. */
export const pipelineVariables = ['PIPELINE_TABLE_NAME', 'QUEUE_DEFAULT_URL', 'QUEUE_PRIORITY_URL'] as const;

/** The variables of functions that end tasks, and so send dead letters. */
export const deadLetterVariables = ['DEAD_LETTER_DEFAULT_URL', 'DEAD_LETTER_PRIORITY_URL'] as const;

type PipelineEnvironment = Pick<Environment, (typeof pipelineVariables)[number]> &
  Partial<Pick<Environment, (typeof deadLetterVariables)[number]>>;

/** The pipeline on AWS, and the clients it was made with, for what else a function does with them. */
export interface Pipeline {
  readonly ports: PipelinePorts;
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly sqs: SQSClient;
}

/**
 * Connects the pipeline to AWS; called once, when the function's code is loaded. No call is made yet. What the function
 * was not granted (dead letters, payloads) throws when it is used.
 */
export function openPipeline(
  environment: PipelineEnvironment,
  payloads: PayloadStore = noPayloads,
): Pipeline {
  const dynamoDb = dynamoDbClient();
  const sqs = sqsClient();
  const queues = {
    default: queueUrls(environment.QUEUE_DEFAULT_URL, environment.DEAD_LETTER_DEFAULT_URL),
    priority: queueUrls(environment.QUEUE_PRIORITY_URL, environment.DEAD_LETTER_PRIORITY_URL),
  };
  const table = { client: dynamoDb, tableName: environment.PIPELINE_TABLE_NAME };
  const ports = {
    store: createDynamoDbTaskStore(table),
    limits: createDynamoDbLimitStore(table),
    queue: createSqsTaskQueue({ client: sqs, queues }),
    payloads,
    clock: systemClock,
    random: Math.random,
    newId: () => v7(),
  };
  return { ports, dynamoDb, sqs };
}

function queueUrls(url: string, deadLetterUrl: string | undefined): QueueUrls {
  return {
    url,
    get deadLetterUrl() {
      return deadLetterUrl ?? notGranted(`the dead-letter queue of ${url}`);
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
