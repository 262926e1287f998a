import middy from '@middy/core';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { executeBatch } from '#shared/pipeline/execute-batch.ts';
import type { WorkerSetup } from '#shared/pipeline/worker-setup.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';
import type { QueueName } from '#shared/tasks/define-task.ts';
import { type Exit, leaveRuntime } from './leave-runtime.ts';
import { logAttempt } from './log-attempt.ts';
import { type Log, logForInvocation, logForTask } from './logging.ts';
import { measureAttempt, openMetrics } from './metrics.ts';
import { readSqsEvent } from './read-sqs-event.ts';
import type { StartHeartbeat } from './worker-heartbeat.ts';

/** What a worker is made of. */
export interface Worker {
  /** As metrics name it. */
  readonly stage: string;
  readonly ports: PipelinePorts;
  /** By task name. */
  readonly implementations: WorkerSetup['implementations'];
  /** The names of the queues as SQS knows them, and ours. */
  readonly queues: ReadonlyMap<string, QueueName>;
  readonly heartbeat: StartHeartbeat;
  readonly log: Log;
  readonly exit: Exit;
}

/** Kept free at the end of an invocation, in milliseconds, so that every outcome can still be recorded. */
const recordingMargin = 10_000;

/**
 * Builds the Lambda handler of a worker behind SQS (ReportBatchItemFailures). The messages of a batch run side by side
 * and end by themselves: one that the pipeline could not handle is kept for later and harms no other. Work that does not end with its attempt ends the runtime with the batch.
 */
export function createWorkerHandler(worker: Worker) {
  // A worker must not be cut off by middy: its deadline is the pipeline's.
  return middy({ timeoutEarlyInMillis: 0 }).handler(
    async (event: unknown, context: Context): Promise<SQSBatchResponse> => {
      const deliveries = readSqsEvent(event, worker.queues);
      const log = logForInvocation(worker.log, context);
      const metrics = openMetrics(worker.stage);
      const stopHeartbeat = worker.heartbeat(log);
      const { kept, stillRunning } = await executeBatch(
        worker.ports,
        {
          implementations: worker.implementations,
          deadline: worker.ports.clock.now() + context.getRemainingTimeInMillis() - recordingMargin,
          logFor: (record) => logForTask(log, record).withoutWords(),
          observe(happened, { queue }) {
            measureAttempt(metrics, queue, happened);
            logAttempt(log, happened);
          },
        },
        deliveries,
      );
      await stopHeartbeat();
      metrics.flush();
      if (stillRunning) leaveRuntime(log, worker.exit);
      return {
        batchItemFailures: deliveries
          .filter((_, index) => kept[index])
          .map(({ messageId }) => ({ itemIdentifier: messageId })),
      };
    },
  );
}
