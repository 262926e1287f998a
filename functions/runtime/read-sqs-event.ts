import * as z from 'zod';
import type { Delivery } from '#shared/ports/task-queue.ts';
import type { QueueName } from '#shared/tasks/define-task.ts';

const sqsEvent = z.object({
  Records: z.array(
    z.object({
      messageId: z.string(),
      receiptHandle: z.string(),
      body: z.string(),
      eventSourceARN: z.string(),
    }),
  ),
});

/**
 * The deliveries of an SQS event; an empty receipt handle is that of a call without a queue. `queues` maps SQS's queue names to ours. Throws for an event of another shape and for a
 * queue that this worker is not made for: both are faults of the deployment, and SQS then keeps the whole batch.
 */
export function readSqsEvent(event: unknown, queues: ReadonlyMap<string, QueueName>): readonly Delivery[] {
  return sqsEvent.parse(event).Records.map((record) => {
    const sqsName = record.eventSourceARN.split(':').at(-1) ?? '';
    const queue = queues.get(sqsName);
    if (!queue) {
      throw new Error(
        `a message came from the queue ${sqsName}; this worker serves ${[...queues.keys()].join(', ')}`,
      );
    }
    return { queue, messageId: record.messageId, receipt: record.receiptHandle || null, body: record.body };
  });
}

/** The name that SQS knows a queue by: the last part of its URL. */
export function sqsNameOf(queueUrl: string): string {
  return new URL(queueUrl).pathname.split('/').at(-1) ?? '';
}
