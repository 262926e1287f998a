import { Worker } from 'node:worker_threads';
import type { LaptopClock } from '../clock/laptop-clock.ts';
import type { Emulator } from './emulator.ts';
import type { QueueEmulatorData, QueueEmulatorMessage } from './queue-emulator-thread.ts';

const STOP_DEADLINE_MS = 3_000;

/**
 * Starts fauxqs (SQS and S3) in a thread of its own, on 127.0.0.1 and the laptop clock. Queues, messages and
 * objects are kept under `dataDir`, a kill of the process included. Address queues as `queueUrl()` says: the
 * URLs that the emulator itself answers with name a host that need not resolve.
 * @param options.port 0 or absent: a free one
 * @throws Error when it cannot start, with its reason
 */
export async function startQueueEmulator(options: {
  dataDir: string;
  clock: LaptopClock;
  port?: number;
}): Promise<Emulator> {
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
  let fault: Error | undefined;
  worker.on('error', (cause) => {
    fault = new Error(`The queue emulator failed: ${String(cause)}`, { cause });
  });
  const ended = new Promise<Error | undefined>((resolve) => {
    worker.once('exit', (code) => {
      resolve(stopping ? undefined : (fault ?? new Error(`The queue emulator ended with code ${code}`)));
    });
  });

  const { port } = await Promise.race([
    new Promise<QueueEmulatorMessage>((resolve) => worker.once('message', resolve)),
    ended.then((error) => Promise.reject(error ?? new Error('The queue emulator was stopped'))),
  ]);

  return {
    url: `http://127.0.0.1:${port}`,
    ended,
    stop: async () => {
      stopping = true;
      worker.postMessage('stop');
      const deadline = setTimeout(() => void worker.terminate(), STOP_DEADLINE_MS);
      await ended;
      clearTimeout(deadline);
    },
  };
}
