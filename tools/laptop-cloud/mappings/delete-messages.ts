import { DeleteMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { ReceivedMessage } from './sqs-event.ts';

const LARGEST_DELETE = 10;
const ATTEMPTS = 3;

/** A message that stayed in the queue although it was to be deleted. */
export interface UndeletedMessage {
  messageId: string;
  reason: string;
}

/**
 * Deletes messages in batches of ten. What DeleteMessageBatch lists under `Failed`, and a call that fails
 * altogether, is tried three times, unless SQS says that the request itself is at fault.
 * @returns the messages that could not be deleted; they will be delivered again
 */
export async function deleteMessages(
  sqs: SQSClient,
  queueUrl: string,
  messages: readonly ReceivedMessage[],
): Promise<UndeletedMessage[]> {
  const chunks = Array.from({ length: Math.ceil(messages.length / LARGEST_DELETE) }, (_, index) =>
    messages.slice(index * LARGEST_DELETE, (index + 1) * LARGEST_DELETE),
  );
  return (await Promise.all(chunks.map((chunk) => deleteChunk(sqs, queueUrl, chunk)))).flat();
}

async function deleteChunk(
  sqs: SQSClient,
  queueUrl: string,
  messages: readonly ReceivedMessage[],
): Promise<UndeletedMessage[]> {
  const undeletable: UndeletedMessage[] = [];
  let left = messages.map((message) => ({ message, reason: '' }));

  for (let attempt = 1; attempt <= ATTEMPTS && left.length > 0; attempt += 1) {
    const tried = left;
    try {
      const { Failed = [] } = await sqs.send(
        new DeleteMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: tried.map(({ message }, index) => ({
            Id: String(index),
            ReceiptHandle: message.ReceiptHandle,
          })),
        }),
      );
      left = [];
      for (const failure of Failed) {
        const message = tried[Number(failure.Id)]?.message;
        if (message === undefined) continue;
        const reason = failure.Message ?? failure.Code ?? 'no reason given';
        if (failure.SenderFault === true) undeletable.push({ messageId: message.MessageId, reason });
        else left.push({ message, reason });
      }
    } catch (error) {
      left = tried.map(({ message }) => ({ message, reason: String(error) }));
    }
  }
  return [...undeletable, ...left.map(({ message, reason }) => ({ messageId: message.MessageId, reason }))];
}
