import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { createInvokeWorker, type WorkerFunction } from '#functions/runtime/invoke-worker.ts';
import type { Pipeline } from '#functions/runtime/pipeline-ports.ts';
import { createInlineSubmitTask, createSubmitTask, type SubmitTask } from '#functions/runtime/submit-task.ts';
import { deadlines } from '#shared/aws/clients.ts';
import { createDynamoDbHeartbeats } from '#shared/aws/dynamodb-heartbeats.ts';
import { type Environment, readEnvironment } from '#shared/env.ts';
import { checkConsumer, checkWaiting, remembered } from './check-celery.ts';
import type { HealthChecks } from './check-health.ts';
import { openLambdaCalls } from './open-lambda-calls.ts';

/** How tasks are run: what submits them, and how the health of what runs them is told. */
export interface Execution {
  readonly submit: SubmitTask;
  /** Submits a geo-raster task and waits for it, whatever the mode: what is asked for is its result. */
  readonly ask: SubmitTask;
  readonly celery: HealthChecks['celery'];
}

type QueueEnvironment = Pick<
  Environment,
  | 'PIPELINE_TABLE_NAME'
  | 'QUEUE_DEFAULT_URL'
  | 'QUEUE_PRIORITY_URL'
  | 'QUEUE_GEO_PROCESSING_URL'
  | 'WORKER_GEO_PROCESSING_FUNCTION'
  | 'EXECUTION_MODE'
>;

/** The submission ends the wait for a worker; the call only has to last longer. */
const invocationDeadlines = { ...deadlines, answer: 60_000 };

/** Opens the stage's way to run tasks, and reads the variables that only this way needs; throws EnvironmentError. */
export function openExecution(environment: QueueEnvironment, pipeline: Pipeline): Execution {
  return environment.EXECUTION_MODE === 'inline'
    ? openInline(environment, pipeline)
    : openAsync(environment, pipeline);
}

function openInline(environment: QueueEnvironment, { ports }: Pipeline): Execution {
  const { WORKER_DEFAULT_FUNCTION: functionName } = readEnvironment(['WORKER_DEFAULT_FUNCTION']);
  const lambda = openLambdaCalls({ deadlines: invocationDeadlines });
  const invoke = createInvokeWorker(lambda, {
    default: { functionName, queueUrl: environment.QUEUE_DEFAULT_URL },
    priority: { functionName, queueUrl: environment.QUEUE_PRIORITY_URL },
    geo_processing: geoWorker(environment),
  });
  const submit = createInlineSubmitTask(ports, invoke);
  return { submit, ask: submit, celery: null };
}

function geoWorker(environment: QueueEnvironment): WorkerFunction {
  return {
    functionName: environment.WORKER_GEO_PROCESSING_FUNCTION,
    queueUrl: environment.QUEUE_GEO_PROCESSING_URL,
  };
}

function openAsync(environment: QueueEnvironment, { ports, dynamoDb, sqs }: Pipeline): Execution {
  const { CONSUMER_MAPPING_ID: mappingId } = readEnvironment(['CONSUMER_MAPPING_ID']);
  const heartbeats = createDynamoDbHeartbeats({
    client: dynamoDb,
    tableName: environment.PIPELINE_TABLE_NAME,
  });
  const queueAnswers = () =>
    sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: environment.QUEUE_DEFAULT_URL,
        AttributeNames: ['QueueArn'],
      }),
    );
  const { now } = ports.clock;
  const invoke = createInvokeWorker(openLambdaCalls({ deadlines: invocationDeadlines }), {
    geo_processing: geoWorker(environment),
  });
  return {
    submit: createSubmitTask(ports),
    ask: createInlineSubmitTask(ports, invoke),
    celery: [
      queueAnswers,
      remembered(checkConsumer(openLambdaCalls(), mappingId), now),
      remembered(checkWaiting(ports, heartbeats, 'default'), now),
    ],
  };
}
