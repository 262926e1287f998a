import { ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { isReceivedMessage, type ReceivedMessage } from './sqs-event.ts';

const LARGEST_RECEIVE = 10;

/**
 * One long poll. It is short because stopping waits for it: if it were cut off, the emulator would give
 * messages to a caller that has gone, and they would stay invisible. SQS itself takes whole seconds only.
 */
const POLL_SECONDS = 0.5;

/**
 * Receives messages once, waiting up to half a second for the first.
 * @param most 1 and up; SQS gives at most ten at a time
 */
export async function receiveMessages(
  sqs: SQSClient,
  queueUrl: string,
  most: number,
): Promise<ReceivedMessage[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: Math.min(most, LARGEST_RECEIVE),
      WaitTimeSeconds: POLL_SECONDS,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }),
  );
  return Messages.filter(isReceivedMessage);
}

/**
 * Adds to a batch until it is full or its window is over, as Lambda's batching window does.
 * @param batch the messages received so far; grows
 * @param options.isOpen whether the window still is
 */
export async function fillBatch(
  batch: ReceivedMessage[],
  options: { sqs: SQSClient; queueUrl: string; batchSize: number; isOpen: () => boolean },
): Promise<void> {
  while (batch.length < options.batchSize && options.isOpen()) {
    batch.push(...(await receiveMessages(options.sqs, options.queueUrl, options.batchSize - batch.length)));
  }
}
