import { PNG } from 'pngjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { taskContext } from '#functions/runtime/fixtures/task-context.ts';
import {
  bundleThread,
  openRasterTaskWorld,
  type RasterTaskWorld,
  removeThread,
} from './fixtures/raster-task-world.ts';
import { openTemporaryRoot, type TemporaryRoot } from './fixtures/temporary-root.ts';
import { probeItem } from './probe-raster-file.ts';
import type { RasterTaskPorts } from './raster-task.ts';

let bundle: { folder: string; thread: string };
beforeAll(async () => {
  bundle = await bundleThread();
});
afterAll(() => removeThread(bundle.folder));

let root: TemporaryRoot;
let world: RasterTaskWorld;
beforeEach(async () => {
  root = await openTemporaryRoot();
  world = await openRasterTaskWorld(bundle.thread);
});
afterEach(() => root.close());

const image = PNG.sync.write(new PNG({ width: 30, height: 20 }));
const facts = {
  ...{ driver: 'PNG', width: 30, height: 20, bands: 4, dtype: 'uint8', crs: null },
  ...{ is_georeferenced: false, subdatasets: [], is_cog: false },
};

const probe = (changes: Partial<RasterTaskPorts> = {}, context = taskContext()) =>
  probeItem({ ...world.rasters, ...changes }).run({ tree_item_id: 'plan' }, context);

/** The files of which one is read; then `meanwhile` happens. */
const filesWith = (meanwhile: () => Promise<unknown>): Partial<RasterTaskPorts> => ({
  files: {
    ...world.rasters.files,
    async read(...file) {
      const bytes = await world.rasters.files.read(...file);
      await meanwhile();
      return bytes;
    },
  },
});

describe('probe_raster', () => {
  it('tells what the header tells, and asks for the file only once', async () => {
    await world.add(image);
    const told: [number, string][] = [];
    const context = taskContext({ progress: (...words) => void told.push(words) });
    expect(await probe({}, context)).toEqual(facts);
    expect(told).toEqual([
      [0, 'Starting to look'],
      [10, 'Loading file'],
      [100, 'Header read'],
    ]);
    expect(await world.read()).toMatchObject({ probe: facts, revision: 2 });
    expect(await probe({ thread: 'not needed' }, taskContext())).toEqual(facts);
  });

  it('fails at what is no image, in GDAL’s words', async () => {
    await world.add(Buffer.from('Dear Sir or Madam'));
    await expect(probe()).rejects.toMatchObject({
      ...{ name: 'RasterRefused', message: expect.stringContaining('not recognized as a supported file') },
    });
    expect((await world.read()).probe).toBeNull();
  });

  it('keeps what others have changed meanwhile', async () => {
    await world.add(image);
    await probe(filesWith(() => world.change(() => ({ name: 'renamed' }))));
    expect(await world.read()).toMatchObject({ probe: facts, name: 'renamed' });
  });

  it('tells nothing of a file that was replaced meanwhile', async () => {
    await world.add(image);
    const another = { etag: 'another', uploadedAt: 2 };
    await expect(probe(filesWith(() => world.change(() => ({ original: another }))))).rejects.toMatchObject({
      name: 'OriginalLost',
    });
    expect((await world.read()).probe).toBeNull();
  });

  it('fails for good when there is no item, or no file', async () => {
    await expect(probe()).rejects.toMatchObject({ name: 'TreeItemNotFound' });
    await world.add(image, { original: null });
    await expect(probe()).rejects.toMatchObject({ name: 'OriginalNotUploaded' });
  });
});
