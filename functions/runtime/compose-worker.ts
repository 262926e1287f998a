import { createDynamoDbHeartbeats } from '#shared/aws/dynamodb-heartbeats.ts';
import type { Environment } from '#shared/env.ts';
import type { QueueName, TaskSpec } from '#shared/tasks/define-task.ts';
import type { TaskImplementation } from '#shared/tasks/implement-task.ts';
import { bindTasks } from './bind-tasks.ts';
import { createLog, type LogEnvironment } from './logging.ts';
import type { Pipeline } from './pipeline-ports.ts';
import { sqsNameOf } from './read-sqs-event.ts';
import type { Worker } from './worker-entry.ts';
import { createHeartbeat } from './worker-heartbeat.ts';

/** What tells one worker from another. */
export interface WorkerParts {
  /** As its heartbeats name it. */
  readonly name: string;
  /** As its log lines name it. */
  readonly service: string;
  /** The addresses of the queues that it reads. */
  readonly queues: Partial<Readonly<Record<QueueName, string>>>;
  /** All tasks; those of its queues must be implemented. */
  readonly specs: readonly TaskSpec[];
  readonly implementations: readonly TaskImplementation[];
  readonly environment: LogEnvironment & Pick<Environment, 'PIPELINE_TABLE_NAME'>;
  readonly pipeline: Pipeline;
}

/** Puts a worker on AWS together, at the load of its function. Throws unless each of its tasks has one implementation. */
export function composeWorker(parts: WorkerParts): Worker {
  const { name, service, queues, environment, implementations } = parts;
  const { ports, dynamoDb: client } = parts.pipeline;
  const heartbeats = createDynamoDbHeartbeats({ client, tableName: environment.PIPELINE_TABLE_NAME });
  return {
    stage: environment.STAGE,
    ports,
    implementations: bindTasks(
      parts.specs.filter(({ queue }) => queues[queue] !== undefined),
      implementations,
    ),
    queues: new Map(Object.entries(queues).map(([queue, url]) => [sqsNameOf(url), queue as QueueName])),
    heartbeat: createHeartbeat({ worker: name, heartbeats, clock: ports.clock }),
    log: createLog(service, environment),
    exit: (status) => process.exit(status),
  };
}
