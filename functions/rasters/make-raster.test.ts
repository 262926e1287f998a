import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LogLine, recordingLog } from '#functions/runtime/fixtures/recording-log.ts';
import { taskContext } from '#functions/runtime/fixtures/task-context.ts';
import { SoftTimeLimitExceeded } from '#shared/pipeline/time-limits.ts';
import { copying, type MakingScene, made, openMakingScene } from './fixtures/making-scene.ts';
import { openTemporaryRoot, type TemporaryRoot } from './fixtures/temporary-root.ts';
import { makeRaster, type RasterMaking } from './make-raster.ts';
import type { RasterTaskPorts } from './raster-task.ts';

let root: TemporaryRoot;
let scene: MakingScene;
beforeEach(async () => {
  root = await openTemporaryRoot();
  scene = await openMakingScene();
});
afterEach(() => root.close());

describe('a raster that was made', () => {
  it('is the item’s, under a key of its own, and the answer names it', async () => {
    const result = await scene.make();
    await scene.expectShown(result.geo_raster_file_id);
    expect(result).toEqual({
      ...{ tree_item_id: 'plan', object_type: 'geo_raster_file', geo_raster_file_id: 'id-000001' },
      ...{ width: 2, height: 1, bands: 3, crs: 'EPSG:3857', is_georeferenced: false, bounds: [0, 0, 2, 1] },
      size: made.length,
    });
  });

  it('replaces the one of an earlier task, whose file goes', async () => {
    const first = await scene.make();
    await scene.world.nameTask('converted', 'task-2');
    await scene.expectShown(first.geo_raster_file_id);
    const second = await scene.make({}, { taskId: 'task-2' });
    expect(second.geo_raster_file_id).not.toBe(first.geo_raster_file_id);
    await scene.expectShown(second.geo_raster_file_id);
  });

  it('is answered to a later attempt of its task, whose predecessor’s outcome was lost', async () => {
    const first = await scene.make();
    const unused = async () => Promise.reject(new Error('asked for a file'));
    const files = { read: unused, store: unused, remove: unused, list: unused };
    expect(await scene.make({ files }, { attempt: 2 })).toEqual(first);
  });

  it.each([
    ['was lost', async () => Promise.reject(new Error('the reply was lost'))],
    // The SDK sends again what it had no answer to, and that meets what was saved.
    ['came to a second try', async () => false],
  ])('stays when the answer to its save %s', async (_, answer) => {
    const result = await scene.make(
      scene.itemsWith(async (save) => {
        await save();
        return answer();
      }),
    );
    await scene.expectShown(result.geo_raster_file_id);
  });

  it('stays when the attempt is aborted between its save and its end', async () => {
    const abort = new AbortController();
    const saving = scene.itemsWith(async (save) => {
      const saved = await save();
      abort.abort(new Error('cancelled'));
      return saved;
    });
    const result = await scene.make(saving, { signal: abort.signal });
    await scene.expectShown(result.geo_raster_file_id);
  });

  it('stays when its predecessor cannot be removed: the next one removes both', async () => {
    await scene.make();
    await scene.world.nameTask('converted', 'task-2');
    const { files } = scene.world.rasters;
    const remove = async () => Promise.reject(new Error('S3 is away'));
    const lines: LogLine[] = [];
    const log = recordingLog(lines);
    const second = await scene.make({ files: { ...files, remove } }, { taskId: 'task-2', log });
    expect(lines).toMatchObject([{ level: 'warn', message: 'a replaced raster is left' }]);
    expect((await scene.world.read()).rasters.converted).toMatchObject({ id: second.geo_raster_file_id });
    expect(await scene.world.results()).toHaveLength(2);
    await scene.world.nameTask('converted', 'task-3');
    const third = await scene.make({}, { taskId: 'task-3' });
    await scene.expectShown(third.geo_raster_file_id);
  });
});

describe('of an attempt that fails', () => {
  it.each([
    ['in its work', { ...copying, run: async () => Promise.reject(new Error('no raster')) }, 'no raster'],
    [
      'while its result is stored',
      {
        ...copying,
        run: async (files, item, run) => ({ ...(await copying.run(files, item, run)), file: '/not/there' }),
      },
      'ENOENT',
    ],
  ] satisfies [string, RasterMaking, string][])('%s nothing is left', async (_, making, words) => {
    await expect(makeRaster(scene.world.rasters, making, taskContext())).rejects.toThrow(words);
    await scene.expectNothing();
  });

  it('because it was aborted while its result was stored, nothing is left', async () => {
    const abort = new AbortController();
    const reason = new SoftTimeLimitExceeded('the soft time limit has passed');
    const files = scene.filesWith(async () => abort.abort(reason));
    await expect(scene.make(files, { signal: abort.signal })).rejects.toBe(reason);
    await scene.expectNothing();
  });

  it('because it was aborted while the original was fetched, nothing is left', async () => {
    const abort = new AbortController();
    const reason = new Error('cancelled');
    const { files } = scene.world.rasters;
    const read: typeof files.read = async (...file) => {
      const bytes = await files.read(...file);
      abort.abort(reason);
      return bytes;
    };
    await expect(scene.make({ files: { ...files, read } }, { signal: abort.signal })).rejects.toBe(reason);
    await scene.expectNothing();
  });

  it('because the item could not be saved, nothing is left; the next attempt makes it', async () => {
    const items = scene.itemsWith(async () => Promise.reject(new Error('no table')));
    await expect(scene.make(items)).rejects.toThrow('no table');
    await scene.expectNothing();
    await scene.expectShown((await scene.make()).geo_raster_file_id);
  });

  it('not even a save that comes late can show what was removed', async () => {
    const late: (() => Promise<boolean>)[] = [];
    const items = scene.itemsWith(async (save) => {
      late.push(save);
      throw new Error('no answer yet');
    });
    await expect(scene.make(items)).rejects.toThrow('no answer yet');
    expect(await Promise.all(late.map(async (save) => save()))).toEqual([false]);
    await scene.expectNothing();
  });

  it('and cannot remove its result, the next attempt does', async () => {
    const { items, files } = scene.world.rasters;
    const read = vi.fn(items.read);
    const away: Partial<RasterTaskPorts> = {
      items: { ...items, read },
      ...scene.filesWith(async () => read.mockRejectedValue(new Error('no table'))),
    };
    await expect(scene.make(away)).rejects.toThrow('no table');
    expect(await scene.world.results()).toHaveLength(1);
    const result = await scene.make({ files });
    await scene.expectShown(result.geo_raster_file_id);
  });
});
