import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { LAPTOP_ACCOUNT, LAPTOP_REGION } from '../assembly/laptop-account.ts';

/** The access key of the laptop cloud's own calls; a function's calls carry the function's name instead. */
export const LAPTOP_ACCESS_KEY = 'laptop-cloud';

const common = {
  region: LAPTOP_REGION,
  credentials: { accessKeyId: LAPTOP_ACCESS_KEY, secretAccessKey: 'laptop' },
};

/** An SQS client of the emulator at `url`; takes queue URLs of any host. */
export function createQueueClient(url: string): SQSClient {
  return new SQSClient({ ...common, endpoint: url, useQueueUrlAsEndpoint: false });
}

/** An S3 client of the emulator at `url`. */
export function createBucketClient(url: string): S3Client {
  return new S3Client({ ...common, endpoint: url, forcePathStyle: true });
}

/** A DynamoDB client of the emulator at `url`. */
export function createTableClient(url: string): DynamoDBClient {
  return new DynamoDBClient({ ...common, endpoint: url });
}

/** The URL of a queue on the emulator at `url`. */
export function queueUrl(url: string, queueName: string): string {
  return `${url}/${LAPTOP_ACCOUNT}/${queueName}`;
}
