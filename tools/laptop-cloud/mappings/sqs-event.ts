import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSMessageAttribute, SQSMessageAttributes, SQSRecord } from 'aws-lambda';

/** One record of the event, with whatever system attributes the queue gave. */
export type SqsEventRecord = Omit<SQSRecord, 'attributes'> & { attributes: Record<string, string> };

/** A message as received: SQS always sets these four. */
export type ReceivedMessage = Message & {
  MessageId: string;
  ReceiptHandle: string;
  Body: string;
  MD5OfBody: string;
};

/** Whether a message has the fields that SQS sets on every received message. */
export function isReceivedMessage(message: Message): message is ReceivedMessage {
  return (
    message.MessageId !== undefined &&
    message.ReceiptHandle !== undefined &&
    message.Body !== undefined &&
    message.MD5OfBody !== undefined
  );
}

/**
 * The event that Lambda hands to a function for a batch of SQS messages.
 * Source: "Using Lambda with Amazon SQS", example standard queue message event.
 */
export function sqsEvent(
  messages: readonly ReceivedMessage[],
  queue: { arn: string; region: string },
): { Records: SqsEventRecord[] } {
  return { Records: messages.map((message) => sqsRecord(message, queue)) };
}

function sqsRecord(message: ReceivedMessage, queue: { arn: string; region: string }): SqsEventRecord {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: messageAttributes(message.MessageAttributes ?? {}),
    ...(message.MD5OfMessageAttributes !== undefined && {
      md5OfMessageAttributes: message.MD5OfMessageAttributes,
    }),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queue.arn,
    awsRegion: queue.region,
  };
}

function messageAttributes(attributes: Record<string, MessageAttributeValue>): SQSMessageAttributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, messageAttribute(value)]),
  );
}

function messageAttribute(value: MessageAttributeValue): SQSMessageAttribute {
  return {
    ...(value.StringValue !== undefined && { stringValue: value.StringValue }),
    ...(value.BinaryValue !== undefined && {
      binaryValue: Buffer.from(value.BinaryValue).toString('base64'),
    }),
    stringListValues: [],
    binaryListValues: [],
    dataType: value.DataType ?? 'String',
  };
}
