import type { S3Client } from '@aws-sdk/client-s3';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import {
  DeleteMessageCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type DynamoDBDocumentClient, GetCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { LogLine } from './log-lines.ts';

/** A queue that a worker reads. */
export type ReadQueue = 'default' | 'priority' | 'geo_processing';

/** A queue by its name in the pipeline; dead letters, and events that came to nothing, lie in queues of their own. */
export type QueueAlias = ReadQueue | `${ReadQueue} dead letters` | 'undelivered events';

/** What an operator of any cloud may do behind the API, through AWS's own services. */
export interface CloudPowers {
  /** Resolves when nothing runs and no message waits to be received. */
  settled(): Promise<void>;
  /** Stops the deliveries of a queue; resolves once they have stopped. */
  pause(queue: ReadQueue): Promise<void>;
  /** Lets the deliveries of a queue go on. */
  resume(queue: ReadQueue): Promise<void>;
  /** How many messages of a queue are visible. */
  countMessages(queue: QueueAlias): Promise<number>;
  /** Loses every message of a queue. */
  purge(queue: QueueAlias): Promise<void>;
  /** Sends a message by hand. */
  send(queue: QueueAlias, body: string): Promise<void>;
  /** Takes up to ten messages out of a queue; resolves with their bodies. */
  takeMessages(queue: QueueAlias): Promise<string[]>;
  /** A task's record as the pipeline table holds it. */
  storedRecord(taskId: string): Promise<Record<string, unknown>>;
  /** Sets an attribute of a task's record by hand, as somebody in the console would. */
  editRecord(taskId: string, attribute: string, value: unknown): Promise<void>;
  /** The keys of what the payload bucket holds for a task. */
  storedPayloads(taskId: string): Promise<string[]>;
  /** Every item of the pipeline's and the applications' table. */
  everyItem(): Promise<Record<string, unknown>[]>;
  /** The lines that functions have logged under a message so far. */
  logged(message: string): Promise<LogLine[]>;
}

/** Where the pipeline's data are, and how they are reached. */
export interface DataPlaces {
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  readonly documents: DynamoDBDocumentClient;
  urlOf(queue: QueueAlias): Promise<string>;
  readonly pipelineTable: string;
  readonly applicationTable: string;
  readonly payloadBucket: string;
}

/** The powers over queues, tables and bucket, through AWS's SDK. */
export function dataPowers({
  sqs,
  s3,
  documents,
  urlOf,
  ...names
}: DataPlaces): Pick<
  CloudPowers,
  'purge' | 'send' | 'takeMessages' | 'storedRecord' | 'editRecord' | 'storedPayloads' | 'everyItem'
> {
  return {
    async purge(queue) {
      await sqs.send(new PurgeQueueCommand({ QueueUrl: await urlOf(queue) }));
    },
    async send(queue, body) {
      await sqs.send(new SendMessageCommand({ QueueUrl: await urlOf(queue), MessageBody: body }));
    },
    async takeMessages(queue) {
      const QueueUrl = await urlOf(queue);
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      for (const { ReceiptHandle } of Messages) {
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
      return Messages.map(({ Body = '' }) => Body);
    },
    async storedRecord(taskId) {
      const { Item } = await documents.send(
        new GetCommand({
          TableName: names.pipelineTable,
          Key: { pk: `task#${taskId}`, sk: 'task' },
          ConsistentRead: true,
        }),
      );
      if (!Item) throw new Error(`the pipeline table has no record of task ${taskId}`);
      return Item;
    },
    async editRecord(taskId, attribute, value) {
      await documents.send(
        new UpdateCommand({
          TableName: names.pipelineTable,
          Key: { pk: `task#${taskId}`, sk: 'task' },
          UpdateExpression: 'SET #attribute = :value',
          ExpressionAttributeNames: { '#attribute': attribute },
          ExpressionAttributeValues: { ':value': value },
        }),
      );
    },
    async storedPayloads(taskId) {
      const listing = { Bucket: names.payloadBucket, Prefix: `payloads/${taskId}/` };
      const { Contents = [] } = await s3.send(new ListObjectsV2Command(listing));
      return Contents.map(({ Key = '' }) => Key);
    },
    async everyItem() {
      const scans = await Promise.all(
        [names.pipelineTable, names.applicationTable].map((TableName) =>
          documents.send(new ScanCommand({ TableName })),
        ),
      );
      return scans.flatMap(({ Items = [] }) => Items);
    },
  };
}

const constructs: Readonly<Record<QueueAlias, string>> = {
  default: 'DefaultQueue',
  priority: 'PriorityQueue',
  geo_processing: 'GeoProcessingQueue',
  'default dead letters': 'DefaultQueueDeadLetters',
  'priority dead letters': 'PriorityQueueDeadLetters',
  'geo_processing dead letters': 'GeoProcessingQueueDeadLetters',
  'undelivered events': 'UndeliveredEventsQueue',
};

/** Whether a physical name is this queue's: it has the construct's path and a hash, on AWS also a random end. */
export function isNamed(physicalName: string, queue: QueueAlias): boolean {
  return new RegExp(`-${constructs[queue]}[0-9A-F]{8}(-[0-9A-Za-z]+)?$`).test(physicalName);
}
