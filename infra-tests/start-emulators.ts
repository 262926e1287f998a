import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { createLaptopClock, type LaptopClock } from '#tools/laptop-cloud/clock/laptop-clock.ts';
import { startQueueEmulator } from '#tools/laptop-cloud/emulators/start-queue-emulator.ts';
import { startTableEmulator } from '#tools/laptop-cloud/emulators/start-table-emulator.ts';

declare module 'vitest' {
  /** What tests get by `inject(name)`. */
  interface ProvidedContext {
    /** DynamoDB, shared by the whole run: every test makes a table of its own. */
    tableEmulatorUrl: string;
    /** SQS and S3, shared by the whole run: every test makes queues and buckets of its own. */
    queueEmulatorUrl: string;
    /** POST `{URL}?ms=1000` moves the time of the queue emulator, for every test that uses it. */
    queueClockUrl: string;
  }
}

/** Vitest's global set-up: starts one pair of emulators for the whole run and tells the tests where they are. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using started = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'celeriac-tests-'));
  started.defer(() => rm(dataDir, { recursive: true }));
  const clock = createLaptopClock();
  const control = await startClockServer(clock);
  started.defer(control.stop);
  const tables = await startTableEmulator({ dataDir });
  started.defer(tables.stop);
  const queues = await startQueueEmulator({ dataDir, clock });
  started.defer(queues.stop);
  project.provide('tableEmulatorUrl', tables.url);
  project.provide('queueEmulatorUrl', queues.url);
  project.provide('queueClockUrl', control.url);
  // Taken over by the caller; had anything above failed, what runs already would be stopped here.
  const running = started.move();
  return () => running.disposeAsync();
}

/** Tests run in processes of their own, which shared memory does not reach. */
async function startClockServer(clock: LaptopClock): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    const ms = Number(new URL(request.url ?? '/', 'http://127.0.0.1').searchParams.get('ms'));
    const valid = request.method === 'POST' && ms > 0;
    if (valid) clock.advance(ms);
    response.writeHead(valid ? 204 : 400).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the clock server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
