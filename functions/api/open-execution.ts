import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { createInvokeWorker } from '#functions/runtime/invoke-worker.ts';
import type { Pipeline } from '#functions/runtime/pipeline-ports.ts';
import { createInlineSubmitTask, createSubmitTask, type SubmitTask } from '#functions/runtime/submit-task.ts';
import { deadlines } from '#shared/aws/clients.ts';
import { createDynamoDbHeartbeats } from '#shared/aws/dynamodb-heartbeats.ts';
import { createLambdaCalls } from '#shared/aws/lambda-calls.ts';
import { type Environment, readEnvironment } from '#shared/env.ts';
import { checkConsumer, checkWaiting, remembered } from './check-celery.ts';
import type { HealthChecks } from './check-health.ts';

/** How tasks are run: what submits them, and how the health of what runs them is told. */
export interface Execution {
  readonly submit: SubmitTask;
  readonly celery: HealthChecks['celery'];
}

type QueueEnvironment = Pick<
  Environment,
  'PIPELINE_TABLE_NAME' | 'QUEUE_DEFAULT_URL' | 'QUEUE_PRIORITY_URL' | 'EXECUTION_MODE'
>;

/** Opens the stage's way to run tasks, and reads the variables that only this way needs; throws EnvironmentError. */
export function openExecution(environment: QueueEnvironment, pipeline: Pipeline): Execution {
  return environment.EXECUTION_MODE === 'inline'
    ? openInline(environment, pipeline)
    : openAsync(environment, pipeline);
}

function openInline(environment: QueueEnvironment, { ports }: Pipeline): Execution {
  const { WORKER_DEFAULT_FUNCTION: functionName } = readEnvironment(['WORKER_DEFAULT_FUNCTION']);
  // The submission ends the wait; this only has to be longer.
  const lambda = createLambdaCalls({ deadlines: { ...deadlines, answer: 60_000 } });
  const invoke = createInvokeWorker(lambda, {
    default: { functionName, queueUrl: environment.QUEUE_DEFAULT_URL },
    priority: { functionName, queueUrl: environment.QUEUE_PRIORITY_URL },
  });
  return { submit: createInlineSubmitTask(ports, invoke), celery: null };
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
  return {
    submit: createSubmitTask(ports),
    celery: [
      queueAnswers,
      remembered(checkConsumer(createLambdaCalls(), mappingId), now),
      remembered(checkWaiting(ports, heartbeats, 'default'), now),
    ],
  };
}
