import { mkdirSync } from 'node:fs';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { LAPTOP_ACCOUNT, LAPTOP_REGION } from './assembly/laptop-account.ts';
import type { LaptopClock } from './clock/laptop-clock.ts';
import { type ControlApi, startControlApi } from './control/control-api.ts';
import { getParameter } from './control/get-parameter.ts';
import type { Emulator } from './emulators/emulator.ts';
import { startQueueEmulator } from './emulators/start-queue-emulator.ts';
import { startTableEmulator } from './emulators/start-table-emulator.ts';
import { createBucketClient, createQueueClient, createTableClient } from './provision/aws-clients.ts';

/** The servers behind the functions, with the laptop cloud's own clients of them. */
export interface Backends {
  /** SQS and S3. */
  queuesUrl: string;
  tablesUrl: string;
  controlUrl: string;
  /** To answer further calls. */
  control: Pick<ControlApi, 'add'>;
  sqs: SQSClient;
  s3: S3Client;
  dynamodb: DynamoDBClient;
  /** Resolves with the fault when an emulator ends by itself. */
  failed: Promise<Error>;
}

/**
 * Starts the emulators and the control API; each is stopped with `started`.
 * @param options.parameters values of Systems Manager parameters, all secure strings
 * @param options.emulatorAddress gives the address at which an emulator, known by its own, is to be called
 */
export async function startBackends(
  options: {
    dataDir: string;
    clock: LaptopClock;
    parameters: Readonly<Record<string, string>>;
    emulatorAddress: (url: string) => Promise<string>;
    log: (line: string) => void;
  },
  started: AsyncDisposableStack,
): Promise<Backends> {
  const { dataDir, clock, log } = options;
  mkdirSync(dataDir, { recursive: true });
  const [queues, tables] = await Promise.all([
    startQueueEmulator({ dataDir, clock }).then((emulator) => stopLater(emulator, started)),
    startTableEmulator({ dataDir }).then((emulator) => stopLater(emulator, started)),
  ]);

  const [queuesUrl, tablesUrl] = await Promise.all([
    options.emulatorAddress(queues.url),
    options.emulatorAddress(tables.url),
  ]);

  const parameters = new Map(
    Object.entries(options.parameters).map(([name, value]) => [
      name,
      { value, type: 'SecureString' as const },
    ]),
  );
  const control = await startControlApi({
    operations: [
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
  return { queuesUrl, tablesUrl, controlUrl: control.url, control, ...clients, failed };
}

function stopLater(emulator: Emulator, started: AsyncDisposableStack): Emulator {
  started.defer(() => emulator.stop());
  return emulator;
}
