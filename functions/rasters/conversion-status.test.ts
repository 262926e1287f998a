import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { fixtureTime, recordIn } from '#shared/contracts/record-fixtures.ts';
import { type TaskRecord, taskStates } from '#shared/lifecycle/task-record.ts';
import { cancelTask } from '#shared/pipeline/cancel-task.ts';
import { retryTask } from '#shared/pipeline/retry-task.ts';
import { implement } from '#shared/tasks/implement-task.ts';
import { PermanentError } from '#shared/tasks/task-errors.ts';
import { viewConversion } from './conversion-status.ts';
import { started, startTreeItemApi, type TreeItemApi } from './fixtures/tree-item-api.ts';
import { openTreeItemWorld, plan, rasterOf, type TreeItemWorld } from './fixtures/tree-item-world.ts';
import { convertToGeoRaster } from './specs.ts';
import type { TreeItem } from './tree-item.ts';
import { conversionView } from './tree-item-views.ts';

const cancelRequest = { at: fixtureTime, by: 'ada' };
const error = { type: 'RasterRefused', message: 'PDF is not read', stack: null, attempt: 1 };
const converted: TreeItem['rasters'] = { converted: rasterOf('converted'), georeferenced: null };
const fitted: TreeItem['rasters'] = { converted: null, georeferenced: rasterOf('georeferenced') };

describe('the view of a conversion', () => {
  it.each<[TaskRecord, string, number | null, string]>([
    [recordIn('PENDING'), 'PENDING', null, 'Waits for a worker'],
    [recordIn('SCHEDULED'), 'PENDING', null, 'Waits until 2026-11-21T12:10:00.000Z'],
    [
      recordIn('RETRY', { error, progress: 20 }),
      ...(['PENDING', 20] as const),
      'Attempt 1 of 4 failed: PDF is not read; the next is due at 2026-11-21T12:01:00.800Z',
    ],
    [recordIn('STARTED', { status: 'Starting conversion' }), 'PROGRESS', 0, 'Starting conversion'],
    [recordIn('STARTED', { status: null }), 'PROGRESS', 0, 'Starting conversion'],
    [recordIn('PROGRESS'), 'PROGRESS', 40, 'Creating georeferenced file'],
    [recordIn('PROGRESS', { cancelRequest }), 'PROGRESS', 40, 'Is being cancelled'],
    [recordIn('FAILURE', { error, progress: 10 }), 'FAILED', 10, 'PDF is not read'],
    [recordIn('CANCELLED', { progress: 20 }), 'CANCELLED', 20, 'Conversion was cancelled'],
  ])('of a task in state %o', (task, status, progress, message) => {
    expect(viewConversion(plan, task)).toEqual({
      ...{ item_id: 'plan', object_type: 'raw_file', task_id: task.taskId, status, progress, message },
    });
  });

  it('is complete once the item has its raster, whatever its task has come to', () => {
    const complete = {
      ...{ item_id: 'plan', object_type: 'geo_raster_file', status: 'COMPLETED', progress: 100 },
      message: 'Conversion complete',
    };
    for (const task of [recordIn('PROGRESS'), recordIn('SUCCESS'), recordIn('CANCELLED')])
      expect(viewConversion({ ...plan, rasters: converted }, task)).toEqual({
        ...{ ...complete, task_id: task.taskId },
      });
    expect(viewConversion({ ...plan, rasters: converted }, null)).toEqual({ ...complete, task_id: null });
  });

  it('is complete by control points, unless a conversion is under way', () => {
    const item = { ...plan, rasters: fitted };
    expect(viewConversion(item, null)).toMatchObject({ status: 'COMPLETED', task_id: null });
    expect(viewConversion(item, recordIn('FAILURE'))).toMatchObject({ status: 'COMPLETED' });
    expect(viewConversion(item, recordIn('PROGRESS'))).toMatchObject({
      ...{ status: 'PROGRESS', progress: 40, object_type: 'geo_raster_file' },
    });
  });

  it('always fits what is declared, and is never complete beside an item that has no raster and no success', () => {
    const rasters = fc.constantFrom(plan.rasters, converted, fitted);
    const task = fc.option(fc.constantFrom(...taskStates).map((state): TaskRecord => recordIn(state)));
    fc.assert(
      fc.property(rasters, task, (has, record) => {
        const view = conversionView.parse(viewConversion({ ...plan, rasters: has }, record));
        const hasRaster = has !== plan.rasters;
        expect(view.object_type).toBe(hasRaster ? 'geo_raster_file' : 'raw_file');
        if (has === converted) expect(view.status).toBe('COMPLETED');
        expect(view.status === 'NOT_CONVERTED').toBe(!hasRaster && record === null);
        if (!hasRaster && record?.state !== 'SUCCESS') expect(view.status).not.toBe('COMPLETED');
        expect(view.progress === 100).toBe(view.status === 'COMPLETED');
      }),
    );
  });
});

describe('GET conversion-status', () => {
  let world: TreeItemWorld;
  let api: TreeItemApi;
  beforeEach(async () => {
    world = await openTreeItemWorld();
    api = startTreeItemApi(world);
    await world.keep(plan);
  });

  const status = async () => (await api.get('/plan/conversion-status')).body;
  const convert = async () => started.parse((await api.post('/plan/convert-to-geo-raster')).body).task_id;
  const failing = implement(convertToGeoRaster, async () =>
    Promise.reject(new PermanentError('PDF is not read')),
  );
  const none = {
    ...{ item_id: 'plan', status: 'NOT_CONVERTED', object_type: 'raw_file' },
    ...{ task_id: null, progress: null, message: null },
  };

  it('goes from not converted through the states of the task', async () => {
    expect(await status()).toEqual(none);
    const task_id = await convert();
    expect(await status()).toMatchObject({ status: 'PENDING', task_id });
    let running: unknown;
    await world.work(
      implement(convertToGeoRaster, async () => {
        running = await status();
        throw new PermanentError('PDF is not read');
      }),
    );
    expect(running).toMatchObject({ status: 'PROGRESS', task_id, progress: 0 });
    expect(await status()).toMatchObject({ status: 'FAILED', task_id, message: 'PDF is not read' });
  });

  it('is that of the next epoch once the task was retried', async () => {
    const taskId = await convert();
    await world.work(failing);
    await retryTask(world.ports, { tenant: 'acme', taskId, by: 'ada' });
    expect(await status()).toMatchObject({ status: 'PENDING', task_id: taskId, progress: null });
  });

  it('is that of an older task that was retried', async () => {
    const older = await convert();
    await world.work(failing);
    const newer = await convert();
    await world.work(failing);
    expect(await status()).toMatchObject({ status: 'FAILED', task_id: newer });
    await retryTask(world.ports, { tenant: 'acme', taskId: older, by: 'ada' });
    expect(await status()).toMatchObject({ status: 'PENDING', task_id: older });
  });

  it('tells a cancel', async () => {
    const taskId = await convert();
    await cancelTask(world.ports, { tenant: 'acme', taskId, by: 'ada' });
    expect(await status()).toMatchObject({ status: 'CANCELLED', task_id: taskId });
  });

  it('is not converted once the record of what became of it has expired', async () => {
    await convert();
    await world.work(failing);
    await world.clock.advance(31 * 86_400_000);
    expect(await status()).toEqual(none);
  });

  it('shows the raster together with the success that made it', async () => {
    const taskId = await convert();
    let reads = 0;
    api = startTreeItemApi(world, {
      items: {
        ...world.items,
        async read(tenant, id) {
          const found = await world.items.read(tenant, id);
          // The task ends after the item was read for the first time, and before its record is.
          if (reads++ === 0) await world.work(giving);
          return found;
        },
      },
    });
    expect(await status()).toEqual({
      ...{ item_id: 'plan', status: 'COMPLETED', object_type: 'geo_raster_file' },
      ...{ task_id: taskId, progress: 100, message: 'Conversion complete' },
    });
  });

  const giving = implement(convertToGeoRaster, async () => {
    const item = await world.items.read('acme', 'plan');
    if (item === null) throw new Error('no item');
    const { id, ...facts } = rasterOf('converted');
    await world.items.save({ ...item, rasters: converted, revision: item.revision + 1 });
    return {
      ...{ tree_item_id: 'plan', geo_raster_file_id: id, object_type: 'geo_raster_file' as const },
      ...facts,
    };
  });
});
