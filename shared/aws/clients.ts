import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** Milliseconds that one try of an AWS call may take: to connect, and until the answer begins or goes on. */
export const deadlines = { connect: 1000, answer: 2000 } as const;

/** Tries of one AWS call, the first included. */
export const mostTries = 3;

/** What differs between the cloud, the laptop and tests; left out, the SDK takes it from the environment. */
export interface ClientSettings {
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** @default {@link deadlines} */
  readonly deadlines?: { readonly connect: number; readonly answer: number };
}

/** A DynamoDB client that takes and gives plain values. */
export function dynamoDbClient(settings: ClientSettings = {}): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient(bounded(settings)));
}

/** An SQS client; it calls the host of each queue's URL. */
export function sqsClient(settings: ClientSettings = {}): SQSClient {
  return new SQSClient(bounded(settings));
}

/** The settings that every client is made with. */
export function bounded({
  endpoint,
  region,
  credentials,
  deadlines: { connect, answer } = deadlines,
}: ClientSettings) {
  return {
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    ...(credentials !== undefined && { credentials }),
    maxAttempts: mostTries,
    requestHandler: {
      connectionTimeout: connect,
      // Without the second setting the SDK only warns about a request that exceeds the first.
      requestTimeout: answer,
      throwOnRequestTimeout: true,
      // The request's deadline ends with the answer's headers; this one covers a body that stalls.
      socketTimeout: answer,
    },
  };
}
