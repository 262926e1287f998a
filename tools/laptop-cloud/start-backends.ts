import { mkdirSync } from 'node:fs';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { LAPTOP_ACCOUNT, LAPTOP_REGION } from './assembly/laptop-account.ts';
import type { LaptopClock } from './clock/laptop-clock.ts';
import { type ControlApi, startControlApi } from './control/control-api.ts';
import { getParameter } from './control/get-parameter.ts';
import type { Emulator } from './emulators/emulator.ts';
import { type QueueEmulator, startQueueEmulator } from './emulators/start-queue-emulator.ts';
import { startTableEmulator } from './emulators/start-table-emulator.ts';
import { measureTables } from './metrics/measure-tables.ts';
import type { RecordMetric } from './metrics/metric-store.ts';
import { startAuthorisingProxy } from './permissions/authorising-proxy.ts';
import { controlCheck } from './permissions/control-check.ts';
import type { Permissions } from './permissions/permissions.ts';
import type { FailedCall } from './permissions/relay-calls.ts';
import { createBucketClient, createQueueClient, createTableClient } from './provision/aws-clients.ts';
import { createTopicClient, type TopicClient } from './provision/topic-client.ts';

/** The servers behind the functions, with the laptop cloud's own clients of them. */
export interface Backends {
  /** SQS, SNS and S3. */
  queuesUrl: string;
  tablesUrl: string;
  controlUrl: string;
  /** Where functions find the same emulators: behind proxies that let pass what their roles allow. */
  forFunctions: { queuesUrl: string; tablesUrl: string };
  /** To answer further calls. */
  control: Pick<ControlApi, 'add'>;
  sqs: SQSClient;
  s3: S3Client;
  dynamodb: DynamoDBClient;
  callTopics: TopicClient;
  inspectQueues: QueueEmulator['inspect'];
  /** Resolves with the fault when an emulator ends by itself. */
  failed: Promise<Error>;
}

/**
 * Starts the emulators and the control API; each is stopped with `started`.
 * @param options.parameters values of Systems Manager parameters, all secure strings
 * @param options.permissions what functions may ask of them; the laptop cloud's own clients ask past it
 * @param options.record gets what DynamoDB measures of functions' calls
 * @param options.emulatorAddress gives the address at which an emulator, known by its own, is to be called
 */
export async function startBackends(
  options: {
    dataDir: string;
    clock: LaptopClock;
    parameters: Readonly<Record<string, string>>;
    emulatorAddress: (url: string) => Promise<string>;
    permissions: Permissions;
    record: RecordMetric;
    log: (line: string) => void;
  },
  started: AsyncDisposableStack,
): Promise<Backends> {
  const { dataDir, clock, permissions, log } = options;
  mkdirSync(dataDir, { recursive: true });
  const [queues, tables] = await Promise.all([
    startQueueEmulator({ dataDir, clock }).then((emulator) => stopLater(emulator, started)),
    startTableEmulator({ dataDir }).then((emulator) => stopLater(emulator, started)),
  ]);

  const [queuesUrl, tablesUrl] = await Promise.all([
    options.emulatorAddress(queues.url),
    options.emulatorAddress(tables.url),
  ]);

  const proxy = async (emulator: string, onFailure: (failure: FailedCall) => void = () => undefined) => {
    const { url, stop } = await startAuthorisingProxy({ emulator, permissions, onFailure, log });
    started.defer(stop);
    return url;
  };
  const forFunctions = {
    queuesUrl: await proxy(queuesUrl),
    tablesUrl: await proxy(tablesUrl, measureTables(options.record, clock.now)),
  };

  const parameters = new Map(
    Object.entries(options.parameters).map(([name, value]) => [
      name,
      { value, type: 'SecureString' as const },
    ]),
  );
  const control = await startControlApi({
    operations: [
      controlCheck(permissions, log),
      getParameter(parameters, { region: LAPTOP_REGION, account: LAPTOP_ACCOUNT, since: clock.now() }),
    ],
    log,
  });
  started.defer(() => control.stop());

  const clients = {
    sqs: createQueueClient(queuesUrl),
    s3: createBucketClient(queuesUrl),
    dynamodb: createTableClient(tablesUrl),
  };
  for (const client of Object.values(clients)) started.defer(() => client.destroy());
  const { promise: failed, resolve: fail } = Promise.withResolvers<Error>();
  for (const { ended } of [queues, tables]) void ended.then((fault) => fault && fail(fault));
  return {
    ...{ queuesUrl, tablesUrl, controlUrl: control.url, forFunctions, control, ...clients, failed },
    callTopics: createTopicClient(queuesUrl),
    inspectQueues: queues.inspect,
  };
}

function stopLater<Kind extends Emulator>(emulator: Kind, started: AsyncDisposableStack): Kind {
  started.defer(() => emulator.stop());
  return emulator;
}
