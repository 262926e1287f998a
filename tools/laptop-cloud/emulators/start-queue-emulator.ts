import { Worker } from 'node:worker_threads';
import type { LaptopClock } from '../clock/laptop-clock.ts';
import type { Emulator } from './emulator.ts';
import type { QueueState } from './inspect-queues.ts';
import type { QueueEmulatorData, QueueEmulatorMessage, QueueEmulatorOrder } from './queue-emulator-thread.ts';

/** The queue emulator, whose queues can be looked into without touching them. */
export interface QueueEmulator extends Emulator {
  /**
   * The states of some queues at each of some moments, made of the messages that they hold now; see `stateAt`. A queue
   * that does not exist is empty. Rejects when the emulator has ended.
   * @param moments milliseconds since the epoch
   */
  inspect(names: readonly string[], moments: readonly number[]): Promise<QueueState[][]>;
}

const STOP_DEADLINE_MS = 3_000;

/**
 * Starts fauxqs (SQS, SNS and S3) in a thread of its own, on 127.0.0.1 and the laptop clock. Queues, messages and
 * objects are kept under `dataDir`, a kill of the process included. Address queues as `queueUrl()` says: the
 * URLs that the emulator itself answers with name a host that need not resolve.
 * @param options.port 0 or absent: a free one
 * @throws Error when it cannot start, with its reason
 */
export async function startQueueEmulator(options: {
  dataDir: string;
  clock: LaptopClock;
  port?: number;
}): Promise<QueueEmulator> {
  const data: QueueEmulatorData = {
    clock: options.clock.buffer,
    dataDir: options.dataDir,
    port: options.port ?? 0,
  };
  const worker = new Worker(new URL('./queue-emulator-thread.ts', import.meta.url), {
    name: 'queue-emulator',
    workerData: data,
    env: {},
    execArgv: [],
  });

  let stopping = false;
  let living = true;
  let fault: Error | undefined;
  worker.on('error', (cause) => {
    fault = new Error(`The queue emulator failed: ${String(cause)}`, { cause });
  });
  const ended = new Promise<Error | undefined>((resolve) => {
    worker.once('exit', (code) => {
      living = false;
      resolve(stopping ? undefined : (fault ?? new Error(`The queue emulator ended with code ${code}`)));
    });
  });

  const order = (given: QueueEmulatorOrder) => worker.postMessage(given);
  const inspections: PromiseWithResolvers<QueueState[][]>[] = [];
  const listening = Promise.withResolvers<number>();
  worker.on('message', (message: QueueEmulatorMessage) => {
    if (message.kind === 'listening') listening.resolve(message.port);
    else inspections.shift()?.resolve(message.states);
  });
  const gone = ended.then((error) => Promise.reject(error ?? new Error('The queue emulator was stopped')));
  gone.catch((error: unknown) => {
    for (const { reject } of inspections.splice(0)) reject(error);
  });
  const port = await Promise.race([listening.promise, gone]);

  return {
    url: `http://127.0.0.1:${port}`,
    ended,
    inspect: (names, moments) => {
      if (!living) return gone;
      const inspection = Promise.withResolvers<QueueState[][]>();
      inspections.push(inspection);
      order({ kind: 'inspect', names: [...names], moments: [...moments] });
      return inspection.promise;
    },
    stop: async () => {
      stopping = true;
      order({ kind: 'stop' });
      const deadline = setTimeout(() => void worker.terminate(), STOP_DEADLINE_MS);
      await ended;
      clearTimeout(deadline);
    },
  };
}
