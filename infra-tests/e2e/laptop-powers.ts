import { LambdaClient, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { LAPTOP_REGION } from '#tools/laptop-cloud/assembly/laptop-account.ts';
import {
  createBucketClient,
  createQueueClient,
  createTableClient,
} from '#tools/laptop-cloud/provision/aws-clients.ts';
import type { LaptopCloud } from '#tools/laptop-cloud/start-laptop-cloud.ts';
import { type CloudPowers, dataPowers, isNamed, type QueueAlias, type ReadQueue } from './cloud-powers.ts';
import { parseLogLine } from './log-lines.ts';

/** What only a laptop cloud allows: breaking things, and looking behind the API at once. */
export interface LaptopPowers extends CloudPowers {
  /** Switches the consumer of a queue off or on as an operator would, through AWS's SDK. */
  switchConsumer(queue: ReadQueue, on: boolean): Promise<void>;
  /**
   * Ends the workers as a crash would; resolves with how many there were.
   * @param queue whose workers. @default default, whose workers read `priority` too
   */
  killWorkers(queue?: ReadQueue): Promise<number>;
  /**
   * Moves the clock by seconds at once, under whatever runs. Rules that fall due fire by themselves within a second; work
   * does not see that no time went by for its timers, so leases that are not to run out are the caller's to look after.
   */
  jump(seconds: number): void;
  /** Calls the beat as a schedule's rule does; `time` is the event's, ISO-8601 UTC. Throws what the beat throws. */
  fireRule(schedule: string, time: string): Promise<void>;
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
  const output = (name: string) => cloud.outputs[name] ?? missing(`output ${name}`);

  return {
    ...dataPowers({
      ...{ sqs, s3, documents: DynamoDBDocumentClient.from(dynamodb) },
      urlOf: async (queue) => `${cloud.queueUrlBase}/${(await findQueue(cloud, queue)).name}`,
      pipelineTable: output('PipelineTableName'),
      applicationTable: output('ApplicationTableName'),
      payloadBucket: output('PayloadBucketName'),
    }),
    printed,
    settled: () => cloud.settled(),
    pause: (queue) => mappingOf(cloud, queue).setEnabled(false),
    resume: (queue) => mappingOf(cloud, queue).setEnabled(true),
    async switchConsumer(queue, on) {
      const UUID = mappingOf(cloud, queue).spec.id;
      await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: on }));
    },
    async killWorkers(queue = 'default') {
      return cloud.kill(mappingOf(cloud, queue).spec.functionName);
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
    logged: async (message) =>
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

function missing(what: string): never {
  throw new Error(`the laptop cloud has no ${what}`);
}
