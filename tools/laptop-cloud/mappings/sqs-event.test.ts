import { describe, expect, it } from 'vitest';
import { sqsEvent } from './sqs-event.ts';

const QUEUE = { arn: 'arn:aws:sqs:us-east-1:000000000000:default', region: 'us-east-1' };

const MESSAGE = {
  MessageId: 'm-1',
  ReceiptHandle: 'handle-1',
  Body: '{"taskId":"t"}',
  MD5OfBody: 'd41d8cd98f00b204e9800998ecf8427e',
  Attributes: {
    ApproximateReceiveCount: '2',
    SentTimestamp: '1793534400000',
    SenderId: '000000000000',
    ApproximateFirstReceiveTimestamp: '1793534400100',
  } as const,
};

describe('the event for a batch', () => {
  it('has exactly the fields that Lambda gives', () => {
    expect(sqsEvent([MESSAGE], QUEUE)).toEqual({
      Records: [
        {
          messageId: 'm-1',
          receiptHandle: 'handle-1',
          body: '{"taskId":"t"}',
          attributes: MESSAGE.Attributes,
          messageAttributes: {},
          md5OfBody: 'd41d8cd98f00b204e9800998ecf8427e',
          eventSource: 'aws:sqs',
          eventSourceARN: QUEUE.arn,
          awsRegion: 'us-east-1',
        },
      ],
    });
  });

  it('spells message attributes as Lambda does, binary ones in base64', () => {
    const message = {
      ...MESSAGE,
      MD5OfMessageAttributes: 'md5',
      MessageAttributes: {
        trace: { DataType: 'String', StringValue: 'abc' },
        blob: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 3]) },
      },
    };
    expect(sqsEvent([message], QUEUE).Records[0]).toMatchObject({
      md5OfMessageAttributes: 'md5',
      messageAttributes: {
        trace: { stringValue: 'abc', stringListValues: [], binaryListValues: [], dataType: 'String' },
        blob: { binaryValue: 'AQID', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
      },
    });
  });
});
