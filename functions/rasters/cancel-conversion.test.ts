import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMemoryWorker } from '#shared/memory/memory-worker.ts';
import { seededRandom } from '#shared/memory/seeded-random.ts';
import { cancelTask } from '#shared/pipeline/cancel-task.ts';
import type { TaskImplementation } from '#shared/tasks/implement-task.ts';
import { convertItem } from './convert-to-geo-raster.ts';
import {
  bundleThread,
  openRasterTaskWorld,
  type RasterTaskWorld,
  removeThread,
} from './fixtures/raster-task-world.ts';
import { openTemporaryRoot, type TemporaryRoot } from './fixtures/temporary-root.ts';
import type { FileTransfer } from './tree-item-files.ts';

/** A run is told by it: `CANCEL_SEED=… npx vitest run --project unit cancel-conversion`. */
const seed = Number(process.env['CANCEL_SEED'] ?? randomInt(2 ** 32));

let bundle: { folder: string; thread: string };
let root: TemporaryRoot;
beforeAll(async () => {
  bundle = await bundleThread();
  root = await openTemporaryRoot();
  process.on('worker', watch);
});
afterAll(async () => {
  process.removeListener('worker', watch);
  await root.close();
  await removeThread(bundle.folder);
});

/** The threads that have not ended, and how many have come to the end of their work. */
const threads = new Set<Worker>();
let answers = 0;

function watch(thread: Worker): void {
  threads.add(thread);
  thread.once('exit', () => threads.delete(thread));
  thread.on('message', (message: { readonly kind: string }) => {
    if (message.kind !== 'progress') answers++;
  });
}

/** An RGB image that no compression makes smaller. */
function noise(width: number, height: number): Buffer {
  return Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), randomBytes(width * height * 3)]);
}

/** The conversion, which tells how far it is and, unless it is the last, waits for its cancel once its result is stored. */
function watchedConversion({ rasters }: RasterTaskWorld) {
  let stored = Promise.withResolvers<void>();
  let reached = '';
  let isLast = false;
  const files: FileTransfer = {
    ...rasters.files,
    async store(key, path, signal) {
      await rasters.files.store(key, path, signal);
      reached = 'stored';
      stored.resolve();
      if (!isLast && !signal.aborted)
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  };
  const conversion = convertItem({ ...rasters, files });
  const implementation: TaskImplementation = {
    ...conversion,
    run: (input, context) =>
      conversion.run(input, {
        ...context,
        progress(percent, status) {
          reached = status;
          context.progress(percent, status);
        },
      }),
  };
  return {
    implementation,
    /** To be called before each attempt; resolves when its result is stored. */
    begin(options: { isLast: boolean }): Promise<void> {
      stored = Promise.withResolvers();
      reached = 'nothing';
      isLast = options.isLast;
      return stored.promise;
    },
    reached: () => reached,
  };
}

const cancels = 20;

it(`${cancels} cancels at random moments: all CANCELLED, nothing is left, and the worker takes the next task`, async () => {
  const world = await openRasterTaskWorld(bundle.thread);
  const { ports } = world;
  await world.add(noise(2500, 2000), { name: 'noise.ppm' });
  const conversion = watchedConversion(world);
  const worker = createMemoryWorker(ports, [conversion.implementation]);

  /** Cancels a conversion after so much time, at the latest when its result is stored; it may be anywhere then. */
  async function cancelAfter(ms: number): Promise<{ worked: number; answered: number }> {
    const taskId = await world.ask('converted');
    const stored = conversion.begin({ isLast: false });
    const started = performance.now();
    const polled = worker.poll('geo_processing');
    await Promise.race([wait(ms), stored]);
    const asked = performance.now();
    const moment = `CANCEL_SEED=${seed}: cancelled after ${asked - started} ms, at "${conversion.reached()}"`;
    await cancelTask(ports, { tenant: 'acme', taskId, by: 'tests' });
    // The worker looks every four seconds.
    await ports.clock.advance(4000);
    const before = answers;
    expect(await polled, moment).toBe(1);
    expect(performance.now() - asked, moment).toBeLessThan(5000);
    const { record } = await world.task(taskId);
    expect(
      {
        state: record.state,
        threads: threads.size,
        left: await root.left(),
        results: await world.results(),
      },
      moment,
    ).toEqual({ state: 'CANCELLED', threads: 0, left: [], results: [] });
    return { worked: asked - started, answered: answers - before };
  }

  // The last moment there is, which tells how long a conversion takes.
  const { worked: whole } = await cancelAfter(60_000);
  expect(whole).toBeLessThan(60_000);
  const random = seededRandom(seed);
  let answered = 0;
  for (let round = 1; round < cancels; round++) answered += (await cancelAfter(random() * whole)).answered;
  // Threads that were not stopped would come to an end by themselves; now and then one just has.
  expect(answered, `CANCEL_SEED=${seed}`).toBeLessThan(cancels / 4);

  expect(worker.faults).toEqual([]);
  const taskId = await world.ask('converted');
  void conversion.begin({ isLast: true });
  await worker.poll('geo_processing');
  expect((await world.task(taskId)).record).toMatchObject({ state: 'SUCCESS' });
  expect(await world.results()).toEqual([(await world.read()).rasters.converted?.key]);
}, 240_000);
