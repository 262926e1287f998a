import { randomUUID } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { inject } from 'vitest';
import { type ClientSettings, dynamoDbClient, sqsClient } from '../aws/clients.ts';
import { s3Client } from '../aws/s3-client.ts';

const anybody = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'tests', secretAccessKey: 'tests' },
} satisfies ClientSettings;

/** The product's DynamoDB client, at the test run's table emulator. */
export function emulatedDynamoDb(): DynamoDBDocumentClient {
  return dynamoDbClient({ ...anybody, endpoint: inject('tableEmulatorUrl') });
}

/** The product's SQS client; it needs queue URLs as {@link emulatedQueueUrl} gives them. */
export function emulatedSqs(): SQSClient {
  return sqsClient({ ...anybody, endpoint: inject('queueEmulatorUrl') });
}

/** The product's S3 client, at the test run's emulator. */
export function emulatedS3(): S3Client {
  return s3Client({ ...anybody, endpoint: inject('queueEmulatorUrl'), forcePathStyle: true });
}

/** The URL of an emulated queue; the one that the emulator itself tells names a host that does not resolve. */
export function emulatedQueueUrl(name: string): string {
  return `${inject('queueEmulatorUrl')}/000000000000/${name}`;
}

/** A name that no other test has. */
export function ownName(kind: string): string {
  return `${kind}-${randomUUID()}`;
}
