/** The body of the queue emulator's thread; started by `start-queue-emulator.ts` only. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { installShiftedDate } from '../clock/shift-date.ts';
import { listenOnLoopbackOnly } from './listen-on-loopback-only.ts';
import { mendQueuePersistence } from './mend-queue-persistence.ts';

/** What the thread is born with. */
export interface QueueEmulatorData {
  clock: SharedArrayBuffer;
  dataDir: string;
  port: number;
}

/** Told once, when the emulator listens. */
export interface QueueEmulatorMessage {
  port: number;
}

const { clock, dataDir, port } = workerData as QueueEmulatorData;
const parent = parentPort;
if (parent === null) throw new Error('queue-emulator-thread.ts runs in a worker thread only');

// All three before fauxqs loads: it may keep Date, listen and its store from then on.
installShiftedDate(clock);
listenOnLoopbackOnly();
await mendQueuePersistence();

const { startFauxqs } = await import('fauxqs');
const server = await startFauxqs({
  port,
  logger: false,
  dataDir: join(dataDir, 'queues'),
  s3StorageDir: join(dataDir, 'objects'),
});

parent.once('message', () => {
  void server.stop().finally(() => parent.close());
});
parent.postMessage({ port: server.port } satisfies QueueEmulatorMessage);
