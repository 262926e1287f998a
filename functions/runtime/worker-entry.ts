import middy from '@middy/core';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { timings } from '#shared/lifecycle/timings.ts';
import { executeDelivery } from '#shared/pipeline/execute.ts';
import type { WorkerSetup } from '#shared/pipeline/worker-setup.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';
import { type Delivery, isHeld } from '#shared/ports/task-queue.ts';
import type { QueueName } from '#shared/tasks/define-task.ts';
import { logAttempt } from './log-attempt.ts';
import { type Log, logForInvocation, logForTask } from './logging.ts';
import { queueMetrics } from './metric-names.ts';
import { type InvocationMetrics, measureAttempt, openMetrics } from './metrics.ts';
import { readSqsEvent } from './read-sqs-event.ts';
import type { StartHeartbeat } from './worker-heartbeat.ts';

/** What a worker is made of. */
export interface Worker {
  readonly ports: PipelinePorts;
  /** By task name. */
  readonly implementations: WorkerSetup['implementations'];
  /** The names of the queues as SQS knows them, and ours. */
  readonly queues: ReadonlyMap<string, QueueName>;
  readonly heartbeat: StartHeartbeat;
  readonly log: Log;
}

/** Kept free at the end of an invocation, in milliseconds, so that every outcome can still be recorded. */
const recordingMargin = 10_000;

/**
 * Builds the Lambda handler of a worker behind SQS (ReportBatchItemFailures). The messages of a batch run side by side
 * and end by themselves: one that the pipeline could not handle is kept for later and harms no other.
 */
export function createWorkerHandler(worker: Worker) {
  // A worker must not be cut off by middy: its deadline is the pipeline's.
  return middy({ timeoutEarlyInMillis: 0 }).handler(
    async (event: unknown, context: Context): Promise<SQSBatchResponse> => {
      const deliveries = readSqsEvent(event, worker.queues);
      const invocation = {
        log: logForInvocation(worker.log, context),
        metrics: openMetrics(),
        deadline: worker.ports.clock.now() + context.getRemainingTimeInMillis() - recordingMargin,
      };
      const stopHeartbeat = worker.heartbeat(invocation.log);
      const kept = await Promise.all(
        deliveries.map((delivery) => handleDelivery(worker, invocation, delivery)),
      );
      await stopHeartbeat();
      invocation.metrics.flush();
      return {
        batchItemFailures: deliveries
          .filter((_, index) => kept[index])
          .map(({ messageId }) => ({ itemIdentifier: messageId })),
      };
    },
  );
}

interface Invocation {
  readonly log: Log;
  readonly metrics: InvocationMetrics;
  readonly deadline: number;
}

/** Handles one message; true when SQS must keep it. Never throws. */
async function handleDelivery(worker: Worker, invocation: Invocation, delivery: Delivery): Promise<boolean> {
  const { ports, implementations } = worker;
  const { log, metrics, deadline } = invocation;
  try {
    const disposition = await executeDelivery(
      ports,
      {
        implementations,
        deadline,
        logFor: (record) => logForTask(log, record),
        observe(event) {
          measureAttempt(metrics, delivery.queue, event);
          logAttempt(log, event);
        },
      },
      delivery,
    );
    return disposition.kind === 'keep';
  } catch (error) {
    log.error('message kept: the pipeline could not handle it', { message_id: delivery.messageId, error });
    metrics.add({ queue: delivery.queue }, queueMetrics.kept, 'Count', 1);
    await postpone(ports, log, delivery);
    return true;
  }
}

/** Without this a message that a queue holds would come back only after the queue's whole visibility timeout. */
async function postpone(ports: PipelinePorts, log: Log, delivery: Delivery): Promise<void> {
  if (!isHeld(delivery)) return;
  try {
    await ports.queue.putBack(delivery, timings.faultDelay / 1000);
  } catch (error) {
    log.warn('a kept message could not be put back early', { message_id: delivery.messageId, error });
  }
}
