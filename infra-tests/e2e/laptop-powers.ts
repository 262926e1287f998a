import { LambdaClient, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import {
  DeleteMessageCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { LAPTOP_REGION } from '#tools/laptop-cloud/assembly/laptop-account.ts';
import {
  createBucketClient,
  createQueueClient,
  createTableClient,
} from '#tools/laptop-cloud/provision/aws-clients.ts';
import type { LaptopCloud } from '#tools/laptop-cloud/start-laptop-cloud.ts';
import { type LogLine, parseLogLine } from './log-lines.ts';

/** A queue that a worker reads. */
export type ReadQueue = 'default' | 'priority';

/** A queue by its name in the pipeline; dead letters lie in a queue of their own. */
export type QueueAlias = ReadQueue | `${ReadQueue} dead letters`;

/** What only a laptop cloud allows: breaking things, and looking behind the API. */
export interface LaptopPowers {
  /** Resolves when nothing runs and no message waits to be received. */
  settled(): Promise<void>;
  /** Stops the deliveries of a queue; resolves once they have stopped. */
  pause(queue: ReadQueue): Promise<void>;
  /** Lets the deliveries of a queue go on. */
  resume(queue: ReadQueue): Promise<void>;
  /** Switches the consumer of a queue off or on as an operator would, through AWS's SDK. */
  switchConsumer(queue: ReadQueue, on: boolean): Promise<void>;
  /** Ends the workers as a crash would; resolves with how many there were. */
  killWorkers(): Promise<number>;
  /**
   * Moves the clock by seconds at once, under whatever runs. Rules that fall due fire by themselves within a second; work
   * does not see that no time went by for its timers, so leases that are not to run out are the caller's to look after.
   */
  jump(seconds: number): void;
  /** Calls the beat as a schedule's rule does; `time` is the event's, ISO-8601 UTC. Throws what the beat throws. */
  fireRule(schedule: string, time: string): Promise<void>;
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
  /** The keys of what the payload bucket holds for a task. */
  storedPayloads(taskId: string): Promise<string[]>;
  /** Every item of the pipeline's and the applications' table. */
  everyItem(): Promise<Record<string, unknown>[]>;
  /** The lines that functions have logged under a message so far. */
  logged(message: string): LogLine[];
  /** Every line that the laptop cloud has printed so far, those of its functions included. */
  readonly printed: readonly string[];
}

/** The powers over a running laptop cloud; `printed` is where its lines are added. `close` ends the clients. */
export function laptopPowers(
  cloud: LaptopCloud,
  printed: readonly string[],
): LaptopPowers & { close(): void } {
  const sqs = createQueueClient(cloud.sqsEndpoint);
  const s3 = createBucketClient(cloud.s3Endpoint);
  const dynamodb = createTableClient(cloud.dynamodbEndpoint);
  const lambda = new LambdaClient({
    ...{ endpoint: cloud.lambdaEndpoint, region: LAPTOP_REGION },
    credentials: { accessKeyId: 'laptop-cloud', secretAccessKey: 'laptop' },
  });
  const documents = DynamoDBDocumentClient.from(dynamodb);
  const output = (name: string) => cloud.outputs[name] ?? missing(`output ${name}`);
  const urlOf = async (queue: QueueAlias) => `${cloud.queueUrlBase}/${(await findQueue(cloud, queue)).name}`;

  return {
    printed,
    settled: () => cloud.settled(),
    pause: (queue) => mappingOf(cloud, queue).setEnabled(false),
    resume: (queue) => mappingOf(cloud, queue).setEnabled(true),
    async switchConsumer(queue, on) {
      const UUID = mappingOf(cloud, queue).spec.id;
      await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: on }));
    },
    async killWorkers() {
      const worker = mappingOf(cloud, 'default').spec.functionName;
      return cloud.kill(worker);
    },
    jump(seconds) {
      Atomics.add(new BigInt64Array(cloud.clock.buffer), 0, BigInt(Math.round(seconds * 1000)));
    },
    async fireRule(schedule, time) {
      const [, beat = missing('beat')] =
        [...cloud.functions].find(([name]) => name.includes('BeatFunction')) ?? [];
      const result = await beat.invoke({ id: 'by-hand', time, schedule });
      if (!result.ok) throw new Error(`the beat failed: ${result.errorType}: ${result.errorMessage}`);
    },
    countMessages: async (queue) => (await findQueue(cloud, queue)).visible,
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
          TableName: output('PipelineTableName'),
          Key: { pk: `task#${taskId}`, sk: 'task' },
          ConsistentRead: true,
        }),
      );
      return Item ?? missing(`record of task ${taskId}`);
    },
    async storedPayloads(taskId) {
      const listing = { Bucket: output('PayloadBucketName'), Prefix: `payloads/${taskId}/` };
      const { Contents = [] } = await s3.send(new ListObjectsV2Command(listing));
      return Contents.map(({ Key = '' }) => Key);
    },
    async everyItem() {
      const tables = [output('PipelineTableName'), output('ApplicationTableName')];
      const scans = await Promise.all(
        tables.map((TableName) => documents.send(new ScanCommand({ TableName }))),
      );
      return scans.flatMap(({ Items = [] }) => Items);
    },
    logged: (message) =>
      printed
        .map(parseLogLine)
        .filter((line) => line !== null)
        .filter((line) => line.message === message),
    close() {
      for (const client of [sqs, s3, dynamodb, lambda]) client.destroy();
    },
  };
}

function mappingOf(cloud: LaptopCloud, queue: ReadQueue) {
  const mapping = cloud.mappings.find(({ spec }) => isNamed(spec.queue.name, queue));
  return mapping ?? missing(`mapping of the queue ${queue}`);
}

const status = z.object({ queues: z.array(z.object({ name: z.string(), visible: z.int() })) });

async function findQueue(cloud: LaptopCloud, queue: QueueAlias) {
  const { queues } = status.parse(await cloud.status());
  return queues.find(({ name }) => isNamed(name, queue)) ?? missing(`queue ${queue}`);
}

const constructs: Readonly<Record<QueueAlias, string>> = {
  default: 'DefaultQueue',
  priority: 'PriorityQueue',
  'default dead letters': 'DefaultQueueDeadLetters',
  'priority dead letters': 'PriorityQueueDeadLetters',
};

/** A physical name ends in the construct's path and a hash. */
function isNamed(physicalName: string, queue: QueueAlias): boolean {
  return new RegExp(`-${constructs[queue]}[0-9A-F]{8}$`).test(physicalName);
}

function missing(what: string): never {
  throw new Error(`the laptop cloud has no ${what}`);
}
