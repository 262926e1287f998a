import type { LambdaCalls } from '#shared/aws/lambda-calls.ts';
import type { TaskMessage } from '#shared/lifecycle/task-message.ts';
import type { TaskRecord } from '#shared/lifecycle/task-record.ts';
import type { QueueName } from '#shared/tasks/define-task.ts';
import { sqsNameOf } from './read-sqs-event.ts';

/**
 * Has a stored task's worker look at it at once, and resolves when the worker has done with it; what came of it is in
 * the record. Throws what Lambda throws, WorkerFault for a worker that ended by an error, and, once the signal is
 * aborted, that: the worker goes on by itself.
 */
export type InvokeWorker = (record: TaskRecord, signal: AbortSignal) => Promise<void>;

/** The function that runs the tasks of a queue; it knows the queue by its URL. */
export interface WorkerFunction {
  readonly functionName: string;
  readonly queueUrl: string;
}

/** Thrown for a worker function that ended by an error of its own. */
export class WorkerFault extends Error {
  override name = 'WorkerFault';
}

/**
 * Invokes workers through Lambda, with an event as SQS would send it for this one task; without a receipt, because no
 * queue holds a message.
 */
export function createInvokeWorker(
  lambda: Pick<LambdaCalls, 'invoke'>,
  workers: Partial<Readonly<Record<QueueName, WorkerFunction>>>,
): InvokeWorker {
  return async (record, abortSignal) => {
    const worker = workers[record.queue];
    if (!worker) {
      throw new Error(
        `this function was not granted the worker of the queue "${record.queue}": grant it in the template`,
      );
    }
    const event = { Records: [callRecord(record, worker.queueUrl)] };
    const fault = await lambda.invoke(worker.functionName, event, abortSignal);
    if (fault !== null) {
      throw new WorkerFault(`${worker.functionName} ended by an error: ${fault.slice(0, 500)}`);
    }
  };
}

function callRecord({ taskId, epoch }: TaskRecord, queueUrl: string) {
  const message: TaskMessage = { v: 1, taskId, epoch };
  return {
    messageId: taskId,
    receiptHandle: '',
    body: JSON.stringify(message),
    attributes: {},
    messageAttributes: {},
    eventSource: 'aws:sqs',
    // Workers know a queue by the last part.
    eventSourceARN: `arn:aws:sqs:::${sqsNameOf(queueUrl)}`,
  };
}
