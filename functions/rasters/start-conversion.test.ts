import { beforeEach, describe, expect, it } from 'vitest';
import { recordingLog } from '#functions/runtime/fixtures/recording-log.ts';
import { createSubmitTask } from '#functions/runtime/submit-task.ts';
import { cancelTask } from '#shared/pipeline/cancel-task.ts';
import { retryTask } from '#shared/pipeline/retry-task.ts';
import { implement } from '#shared/tasks/implement-task.ts';
import { PermanentError } from '#shared/tasks/task-errors.ts';
import { started, startTreeItemApi, type TreeItemApi } from './fixtures/tree-item-api.ts';
import { openTreeItemWorld, plan, rasterOf, type TreeItemWorld } from './fixtures/tree-item-world.ts';
import { convertToGeoRaster } from './specs.ts';
import type { TreeItemStore } from './tree-item-store.ts';

let world: TreeItemWorld;
let api: TreeItemApi;
beforeEach(async () => {
  world = await openTreeItemWorld();
  api = startTreeItemApi(world);
  await world.keep(plan);
});

const kept = () => world.items.read('acme', 'plan');
const convert = (from = api) => from.post('/plan/convert-to-geo-raster');
const convertInVain = () =>
  world.work(implement(convertToGeoRaster, async () => Promise.reject(new PermanentError('broken'))));
const waiting = () => world.queue.depth('geo_processing').visible;

describe('a conversion', () => {
  it('is committed together with the item that names it, and its message sent', async () => {
    await world.clock.advance(1000);
    const { status, headers, body } = await convert();
    const { task_id } = started.parse(body);
    expect({ status, headers }).toMatchObject({
      ...{ status: 202, headers: { location: `/api/v1/tasks/${task_id}` } },
    });
    expect(body).toEqual({
      ...{ task_id, status: 'STARTED', message: 'Geo-raster conversion started in background' },
    });
    const input = { kind: 'inline', json: '{"tree_item_id":"plan"}' };
    expect(await world.tasks()).toMatchObject([
      { taskId: task_id, task: 'convert_to_geo_raster', queue: 'geo_processing', state: 'PENDING', input },
    ]);
    expect(waiting()).toBe(1);
    expect(await kept()).toEqual({
      ...{ ...plan, updatedAt: world.clock.now(), revision: 2 },
      makings: { converted: { taskId: task_id, resultId: null }, georeferenced: null },
    });
  });

  it('is answered again while it waits or runs, and nothing is stored or sent', async () => {
    const first = await convert();
    const before = await kept();
    expect(await convert()).toEqual(first);
    let whileRunning: unknown;
    await world.work(
      implement(convertToGeoRaster, async () => {
        whileRunning = await convert();
        throw new PermanentError('broken');
      }),
    );
    expect(whileRunning).toEqual(first);
    expect([(await world.tasks()).length, await kept()]).toEqual([1, before]);
    // The one message, in the worker's hands.
    expect(world.queue.depth('geo_processing')).toEqual({ visible: 0, hidden: 1 });
  });

  it('is one, however many ask at the same moment', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => convert()));
    const { task_id } = started.parse(answers[0]?.body);
    for (const answer of answers) expect(answer).toMatchObject({ status: 202, body: { task_id } });
    expect([(await world.tasks()).length, waiting()]).toEqual([1, 1]);
    expect((await kept())?.makings.converted).toEqual({ taskId: task_id, resultId: null });
  });

  it('is a new one after the last has failed', async () => {
    const first = started.parse((await convert()).body);
    await convertInVain();
    const second = started.parse((await convert()).body);
    expect(second).not.toEqual(first);
    expect((await kept())?.makings.converted).toEqual({ taskId: second.task_id, resultId: null });
  });

  it.each(['converted', 'georeferenced'] as const)('is refused once there is a %s raster', async (kind) => {
    await world.keep({ ...plan, rasters: { ...plan.rasters, [kind]: rasterOf(kind) } });
    expect(await convert()).toMatchObject({
      status: 400,
      body: { type: '/problems/already-converted', detail: 'File is already converted to geo raster' },
    });
    expect(await world.tasks()).toEqual([]);
  });

  it('needs an uploaded file', async () => {
    await world.keep({ ...plan, original: null });
    expect(await convert()).toMatchObject({
      ...{ status: 409, body: { detail: expect.stringContaining('is not uploaded yet') } },
    });
    expect(await world.tasks()).toEqual([]);
  });

  it('is not taken for one that is being cancelled', async () => {
    const { task_id: taskId } = started.parse((await convert()).body);
    await world.work(
      implement(convertToGeoRaster, async () => {
        await cancelTask(world.ports, { tenant: 'acme', taskId, by: 'ada' });
        expect(await convert()).toMatchObject({
          ...{ status: 409, headers: { 'retry-after': '5', location: `/api/v1/tasks/${taskId}` } },
          body: { detail: expect.stringContaining(`task ${taskId} is being cancelled`) },
        });
        throw new Error('stopped');
      }),
    );
    const { task_id } = started.parse((await convert()).body);
    expect(task_id).not.toBe(taskId);
  });

  it('may be an older one that was retried: the item waits for that again', async () => {
    const older = started.parse((await convert()).body).task_id;
    await convertInVain();
    await convert();
    await convertInVain();
    await retryTask(world.ports, { tenant: 'acme', taskId: older, by: 'ada' });
    expect(await convert()).toMatchObject({ status: 202, body: { task_id: older } });
    expect((await kept())?.makings.converted).toEqual({ taskId: older, resultId: null });
    expect(await world.tasks()).toHaveLength(2);
  });

  it('may be one that was submitted by itself: the item waits for that then', async () => {
    const { record } = await createSubmitTask(world.ports)(
      { spec: convertToGeoRaster, input: { tree_item_id: 'plan' }, tenant: 'acme' },
      { correlationId: 'request', log: recordingLog([]), remainingMs: () => 0 },
    );
    expect(await convert()).toMatchObject({ status: 202, body: { task_id: record.taskId } });
    expect((await kept())?.makings.converted).toEqual({ taskId: record.taskId, resultId: null });
  });

  it('leaves an attempt of the named task its claim', async () => {
    const { task_id: taskId } = started.parse((await convert()).body);
    const item = await kept();
    if (item === null) throw new Error('no item');
    const makings = { ...item.makings, converted: { taskId, resultId: 'drawn' } };
    await world.items.save({ ...item, makings, revision: item.revision + 1 });
    expect(await convert()).toMatchObject({ status: 202, body: { task_id: taskId } });
    expect((await kept())?.makings).toEqual(makings);
  });
});

describe('a conversion of an item that others change meanwhile', () => {
  it('is decided anew', async () => {
    const renamed = startTreeItemApi(world, { items: contested(1) });
    const { task_id } = started.parse((await convert(renamed)).body);
    expect(await kept()).toMatchObject({ name: 'renamed', makings: { converted: { taskId: task_id } } });
    expect(await world.tasks()).toHaveLength(1);
  });

  it('is given up with 409, and nothing committed, when others always are first', async () => {
    const renamed = startTreeItemApi(world, { items: contested(Number.POSITIVE_INFINITY) });
    expect(await convert(renamed)).toMatchObject({ status: 409, headers: { 'retry-after': '1' } });
    expect(await kept()).toMatchObject({ name: 'renamed', makings: plan.makings, revision: 6 });
    expect([await world.tasks(), waiting()]).toEqual([[], 0]);
  });

  it('is refused when the item is deleted', async () => {
    const deleted = startTreeItemApi(world, {
      items: {
        ...world.items,
        async read(tenant, id) {
          const found = await world.items.read(tenant, id);
          await world.items.remove(tenant, id);
          return found;
        },
      },
    });
    expect((await convert(deleted)).status).toBe(404);
    expect(await world.tasks()).toEqual([]);
  });
});

/** A store in which somebody renames the item after each of the next reads. */
function contested(times: number): TreeItemStore {
  let left = times;
  return {
    ...world.items,
    async read(tenant, id) {
      const found = await world.items.read(tenant, id);
      if (found && left-- > 0) {
        await world.items.save({ ...found, name: 'renamed', revision: found.revision + 1 });
      }
      return found;
    },
  };
}
