import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MakingScene, openMakingScene } from './fixtures/making-scene.ts';
import { openTemporaryRoot, type TemporaryRoot } from './fixtures/temporary-root.ts';
import type { RasterTaskPorts } from './raster-task.ts';

let root: TemporaryRoot;
let scene: MakingScene;
beforeEach(async () => {
  root = await openTemporaryRoot();
  scene = await openMakingScene();
});
afterEach(() => root.close());

describe('an item that was', () => {
  it('deleted meanwhile ends the task, and nothing is left', async () => {
    const files = scene.filesWith(() => scene.world.rasters.items.remove('acme', 'plan'));
    await expect(scene.make(files)).rejects.toMatchObject({ name: 'TreeItemNotFound' });
    expect(await scene.world.results()).toEqual([]);
  });

  it('reset meanwhile ends the task, and nothing is left', async () => {
    const files = scene.filesWith(() =>
      scene.world.change(({ makings }) => ({ makings: { ...makings, converted: null } })),
    );
    await expect(scene.make(files)).rejects.toMatchObject({ name: 'MakingSuperseded' });
    await scene.expectNothing();
  });

  it('renamed meanwhile keeps its new name and gets its raster', async () => {
    const result = await scene.make(scene.filesWith(() => scene.world.change(() => ({ name: 'renamed' }))));
    await scene.expectShown(result.geo_raster_file_id);
    expect(await scene.world.read()).toMatchObject({ name: 'renamed' });
  });

  it('given to another task ends this one before it reads anything', async () => {
    await scene.world.nameTask('converted', 'task-2');
    await expect(scene.make()).rejects.toMatchObject({
      ...{ name: 'MakingSuperseded', message: 'tree item plan waits for task task-2 instead of this one' },
    });
    await scene.expectNothing();
  });

  it('changed between its reading and its taking is taken as it is then', async () => {
    const { items } = scene.world.rasters;
    let tries = 0;
    const save: typeof items.save = async (next) => {
      tries++;
      if (tries === 1) await scene.world.change(() => ({ name: 'renamed.png' }));
      return items.save(next);
    };
    const result = await scene.make({ items: { ...items, save } });
    await scene.expectShown(result.geo_raster_file_id);
    expect(await scene.world.read()).toMatchObject({ name: 'renamed.png' });
    // Refused, taken, given its raster.
    expect(tries).toBe(3);
  });

  it('changed at each try to take it leaves the attempt to be tried anew', async () => {
    const { items } = scene.world.rasters;
    let tries = 0;
    const save: typeof items.save = async (next) => {
      tries++;
      await scene.world.change(() => ({}));
      return items.save(next);
    };
    await expect(scene.make({ items: { ...items, save } })).rejects.toThrow('at each of 5 tries');
    expect(tries).toBe(5);
    await scene.expectNothing();
  });

  it('changed again and again leaves the attempt to be tried anew', async () => {
    const items = scene.itemsWith(async () => false);
    await expect(scene.make(items)).rejects.toThrow('changed by others at each of 5 tries');
    await scene.expectNothing();
  });
});

describe('of two attempts of one task', () => {
  it('the one that was thought dead changes nothing when it comes back', async () => {
    const first = await scene.stall();
    const second = await scene.make({}, { attempt: 2 });
    first.goOn();
    await expect(first.attempt).rejects.toMatchObject({ name: 'MakingOvertaken' });
    await scene.expectShown(second.geo_raster_file_id);
  });

  it('the one that comes back while the other is at work takes nothing from it', async () => {
    const first = await scene.stall();
    const second = await scene.stall();
    first.goOn();
    await expect(first.attempt).rejects.toMatchObject({ name: 'MakingOvertaken' });
    expect(await scene.world.results()).toHaveLength(1);
    second.goOn();
    await scene.expectShown((await second.attempt).geo_raster_file_id);
  });

  it('the one that stalls after it took the item removes nothing of the other’s', async () => {
    const taken = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const { items } = scene.world.rasters;
    const slow: RasterTaskPorts['items'] = {
      ...items,
      async save(next) {
        const saved = await items.save(next);
        taken.resolve();
        await goOn.promise;
        return saved;
      },
    };
    const first = scene.make({ items: slow });
    await taken.promise;
    const second = await scene.stall();
    goOn.resolve();
    await expect(first).rejects.toMatchObject({ name: 'MakingOvertaken' });
    second.goOn();
    await scene.expectShown((await second.attempt).geo_raster_file_id);
  });
});
