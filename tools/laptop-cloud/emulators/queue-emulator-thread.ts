/** The body of the queue emulator's thread; started by `start-queue-emulator.ts` only. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { installShiftedDate } from '../clock/shift-date.ts';
import { type InspectedMessage, type QueueState, stateAt } from './inspect-queues.ts';
import { listenOnLoopbackOnly } from './listen-on-loopback-only.ts';
import { mendQueuePersistence } from './mend-queue-persistence.ts';

/** What the thread is born with. */
export interface QueueEmulatorData {
  clock: SharedArrayBuffer;
  dataDir: string;
  port: number;
}

/** What the thread is told to do. */
export type QueueEmulatorOrder = { kind: 'stop' } | { kind: 'inspect'; names: string[]; moments: number[] };

/** Told once, when the emulator listens, and in answer to each inspection, in order. */
export type QueueEmulatorMessage =
  | { kind: 'listening'; port: number }
  | { kind: 'inspected'; states: QueueState[][] };

const { clock, dataDir, port } = workerData as QueueEmulatorData;
const parent = parentPort;
if (parent === null) throw new Error('queue-emulator-thread.ts runs in a worker thread only');
const tell = (message: QueueEmulatorMessage) => parent.postMessage(message);

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

parent.on('message', (order: QueueEmulatorOrder) => {
  if (order.kind === 'stop') {
    void server.stop().finally(() => parent.close());
    return;
  }
  // Here and not by HTTP: the answer of fauxqs holds every message's body.
  const queues = order.names.map((name) => ({ name, messages: messagesOf(name) }));
  tell({
    kind: 'inspected',
    states: order.moments.map((moment) =>
      queues.map(({ name, messages }) => stateAt(name, messages, moment)),
    ),
  });
});
tell({ kind: 'listening', port: server.port });

function messagesOf(name: string): InspectedMessage[] {
  const found = server.inspectQueue(name)?.messages;
  if (found === undefined) return [];
  return [
    ...[...found.ready, ...found.delayed].map((message) => ({
      sentAt: message.sentTimestamp,
      receives: message.approximateReceiveCount,
      ...(message.delayUntil !== undefined && { delayedUntil: message.delayUntil }),
    })),
    ...found.inflight.map(({ message, visibilityDeadline }) => ({
      sentAt: message.sentTimestamp,
      receives: message.approximateReceiveCount,
      invisibleUntil: visibilityDeadline,
    })),
  ];
}
