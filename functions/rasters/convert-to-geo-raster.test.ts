import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { taskContext } from '#functions/runtime/fixtures/task-context.ts';
import { createMemoryWorker, type MemoryWorker } from '#shared/memory/memory-worker.ts';
import type { TaskImplementation } from '#shared/tasks/implement-task.ts';
import { georeferenceItem } from './apply-georeferencing.ts';
import { tiffTag } from './conversion/read-tiff.ts';
import { numbers, writeTiffShell } from './conversion/write-tiff.ts';
import { convertItem } from './convert-to-geo-raster.ts';
import {
  bundleThread,
  openRasterTaskWorld,
  type RasterTaskWorld,
  removeThread,
} from './fixtures/raster-task-world.ts';
import { openTemporaryRoot, type TemporaryRoot } from './fixtures/temporary-root.ts';
import { originalKey } from './tree-item.ts';

let bundle: { folder: string; thread: string };
beforeAll(async () => {
  bundle = await bundleThread();
});
afterAll(() => removeThread(bundle.folder));

let root: TemporaryRoot;
let world: RasterTaskWorld;
let worker: MemoryWorker;
let told: [number, string][];
beforeEach(async () => {
  root = await openTemporaryRoot();
  world = await openRasterTaskWorld(bundle.thread);
  told = [];
  const tasks = [convertItem(world.rasters), georeferenceItem(world.rasters)];
  worker = createMemoryWorker(world.ports, tasks.map(overheard), { runMs: 900_000 });
});
afterEach(() => root.close());

/** Tells every word, of which the record keeps one each second. */
function overheard(implementation: TaskImplementation): TaskImplementation {
  return {
    ...implementation,
    run: (input, context) =>
      implementation.run(input, {
        ...context,
        progress(percent, status) {
          told.push([percent, status]);
          context.progress(percent, status);
        },
      }),
  };
}

/** Runs the attempt that is due and tells how its task stands. */
async function attempt(taskId: string) {
  expect(await worker.poll('geo_processing')).toBe(1);
  expect(worker.faults).toEqual([]);
  return world.task(taskId);
}

function png(width: number, height: number): Buffer {
  const image = new PNG({ width, height });
  randomBytes(image.data.length).copy(image.data);
  return PNG.sync.write(image);
}

/** A grey TIFF file of so many images of so many pixels a side, none of which is stored. */
async function emptyTiff(pages: number, side: number): Promise<Buffer> {
  const strips = Array.from({ length: Math.ceil(side / 512) }, () => 0);
  const page = new Map([
    [tiffTag.imageWidth, numbers([side])],
    [tiffTag.imageLength, numbers([side])],
    [tiffTag.bitsPerSample, numbers([8])],
    [tiffTag.photometric, numbers([1])],
    [tiffTag.samplesPerPixel, numbers([1])],
    [tiffTag.rowsPerStrip, numbers([512])],
    [tiffTag.stripOffsets, numbers(strips)],
    [tiffTag.stripByteCounts, numbers(strips)],
  ]);
  const path = join(root.path, 'empty.tif');
  writeTiffShell(
    path,
    Array.from({ length: pages }, () => page),
  );
  const content = await readFile(path);
  await rm(path);
  return content;
}

const stages = [
  [0, 'Starting conversion'],
  [10, 'Loading file'],
  [20, 'Analyzing file'],
  [40, 'Creating georeferenced file'],
  [80, 'Updating database'],
  [100, 'Conversion complete'],
];

describe('convert_to_geo_raster', () => {
  it('tells its stages, gives the item its raster and leaves the original as it was', async () => {
    const original = png(600, 400);
    const item = await world.add(original);
    const taskId = await world.ask('converted');
    const { record, result } = await attempt(taskId);
    expect(record).toMatchObject({ state: 'SUCCESS', progress: 100, status: 'Conversion complete' });
    expect(told).toEqual(stages);
    const { rasters, makings } = await world.read();
    expect(rasters.converted).toMatchObject({
      ...{ id: makings.converted?.resultId, width: 600, height: 400, bands: 4, dtype: 'uint8' },
      ...{ crs: 'EPSG:3857', is_georeferenced: false, bounds: [0, 0, 1_000_000, expect.closeTo(666_666.67)] },
    });
    expect(result).toMatchObject({ tree_item_id: 'plan', geo_raster_file_id: makings.converted?.resultId });
    const [key = '', ...others] = await world.results();
    expect([key, ...others]).toEqual([rasters.converted?.key]);
    expect((await world.content(key)).length).toBe(rasters.converted?.size);
    expect(await world.content(originalKey(item))).toEqual(original);
  });

  it('puts the image where the item says, and keeps a Cloud-Optimized GeoTIFF as it is', async () => {
    const bounds: [number, number, number, number] = [500_000, 4_000_000, 500_060, 4_000_040];
    await world.add(png(60, 40), { georeference: { crs: 'EPSG:32617', bounds } });
    const placed = await attempt(await world.ask('converted'));
    expect(placed.result).toMatchObject({ crs: 'EPSG:32617', is_georeferenced: true, bounds });
    const cog = await world.content((await world.results())[0] ?? '');

    await world.add(cog, { id: 'again', name: 'again.tif' });
    const kept = await attempt(await world.ask('converted', {}, 'again'));
    expect(kept.result).toMatchObject({ crs: 'EPSG:32617', is_georeferenced: true, bounds });
    expect(await world.content((await world.read('again')).rasters.converted?.key ?? '')).toEqual(cog);
  });

  it('answers what an attempt has made whose worker died before it could say so', async () => {
    await world.add(png(6, 4));
    const taskId = await world.ask('converted');
    await convertItem(world.rasters).run({ tree_item_id: 'plan' }, taskContext({ taskId }));
    const { converted } = (await world.read()).rasters;
    const { record, result } = await attempt(taskId);
    expect(record).toMatchObject({ state: 'SUCCESS' });
    expect(result).toMatchObject({ geo_raster_file_id: converted?.id });
    expect(told).toEqual([stages.at(0), stages.at(-1)]);
    expect(await world.results()).toEqual([converted?.key]);
  });

  it.each([
    ['of text', async () => Buffer.from('Dear Sir or Madam'), 'not recognized as a supported file format'],
    ['that ends in the middle', async () => png(600, 400).subarray(0, 5000), 'GDAL: libpng'],
    ['with several pages', async () => emptyTiff(2, 16), 'The file has 2 images'],
    [
      'of more pixels than are allowed',
      async () => emptyTiff(1, 65_000),
      'are 4229 MB in tiles, the most is 2400 MB',
    ],
  ])('fails at a file %s, saying why, and leaves nothing', async (_, content, words) => {
    await world.add(await content());
    const { record } = await attempt(await world.ask('converted'));
    expect(record).toMatchObject({
      ...{ state: 'FAILURE', deadLetter: 'none' },
      error: { type: 'RasterRefused', message: expect.stringContaining(words) },
    });
    expect(await world.results()).toEqual([]);
    expect((await world.read()).rasters.converted).toBeNull();
  });

  it.each([
    [
      'gone',
      async () => world.removeFile('originals/plan'),
      'OriginalLost',
      'is gone: upload it as a new item',
    ],
    [
      'changed after it was checked',
      async () => world.put('originals/plan', Buffer.from('another')),
      'OriginalLost',
      'is not the one that was checked',
    ],
    [
      'not uploaded',
      async () => world.change(() => ({ original: null })),
      'OriginalNotUploaded',
      'upload it and confirm that',
    ],
  ])('fails for good when the original is %s', async (_, happen, type, words) => {
    await world.add(png(6, 4));
    const taskId = await world.ask('converted');
    await happen();
    const { record } = await attempt(taskId);
    expect(record).toMatchObject({ state: 'FAILURE', deadLetter: 'none' });
    expect(record).toMatchObject({ error: { type, message: expect.stringContaining(words) } });
    expect(await world.results()).toEqual([]);
  });

  it('fails for good when it is out of time: another attempt would not be faster', async () => {
    await world.add(png(3000, 3000));
    const taskId = await world.ask('converted');
    const polled = worker.poll('geo_processing');
    await vi.waitUntil(() => told.some(([percent]) => percent === 40), { timeout: 20_000, interval: 5 });
    await world.ports.clock.advance(840_000);
    await polled;
    expect((await world.task(taskId)).record).toMatchObject({
      ...{ state: 'FAILURE', attempts: 1, error: { type: 'SoftTimeLimitExceeded' } },
    });
    expect(await world.results()).toEqual([]);
  });

  it('fails for good when the item is gone, and when it does not wait for the task', async () => {
    await world.add(png(6, 4));
    const first = await world.ask('converted');
    await world.rasters.items.remove('acme', 'plan');
    expect((await attempt(first)).record).toMatchObject({
      ...{ state: 'FAILURE', deadLetter: 'none', error: { type: 'TreeItemNotFound' } },
    });
    await world.add(png(6, 4));
    const second = await world.ask('converted');
    await world.change(() => ({ makings: { converted: null, georeferenced: null } }));
    expect((await attempt(second)).record).toMatchObject({
      ...{ state: 'FAILURE', deadLetter: 'none', error: { type: 'MakingSuperseded' } },
    });
  });
});

describe('apply_georeferencing', () => {
  const corners = [
    { image_x: 0, image_y: 0, world_x: 10, world_y: 50 },
    { image_x: 60, image_y: 0, world_x: 10.3, world_y: 50.1 },
    { image_x: 0, image_y: 40, world_x: 10.1, world_y: 49.8 },
  ];

  it('warps the original, beside what was converted; done again, it replaces only its own', async () => {
    const converted = { ...plain, id: 'c', key: await keep('results/plan/converted/c.tif') };
    await world.add(png(60, 40), { rasters: { converted, georeferenced: null } });
    const first = await attempt(await world.ask('georeferenced', { control_points: corners }));
    expect(first.record).toMatchObject({ state: 'SUCCESS' });
    expect(told).toEqual(stages);
    expect(first.result).toMatchObject({ crs: 'EPSG:3857', is_georeferenced: true, bands: 4 });
    const before = (await world.read()).rasters.georeferenced;
    const moved = corners.map((point) => ({ ...point, world_x: point.world_x + 1 }));
    await attempt(await world.ask('georeferenced', { control_points: moved }));
    const { rasters } = await world.read();
    expect(rasters.converted).toEqual(converted);
    expect(rasters.georeferenced?.bounds?.[0]).toBeGreaterThan((before?.bounds?.[0] ?? 0) + 100_000);
    expect(await world.results()).toEqual([converted.key, rasters.georeferenced?.key]);
  });
});

const plain = {
  ...{ size: 1, width: 1, height: 1, bands: 1, dtype: 'uint8', crs: 'EPSG:3857' },
  ...{ is_georeferenced: false, bounds: null },
};

async function keep(key: string): Promise<string> {
  await world.put(key, Buffer.from('x'));
  return key;
}
