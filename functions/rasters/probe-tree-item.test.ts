import { beforeEach, describe, expect, it } from 'vitest';
import { createInlineSubmitTask } from '#functions/runtime/submit-task.ts';
import { cancelTask } from '#shared/pipeline/cancel-task.ts';
import { implement, type WorkOf } from '#shared/tasks/implement-task.ts';
import { PermanentError } from '#shared/tasks/task-errors.ts';
import { RasterRefused } from './conversion/raster-refused.ts';
import { startTreeItemApi, type TreeItemApi } from './fixtures/tree-item-api.ts';
import { openTreeItemWorld, plan, type TreeItemWorld } from './fixtures/tree-item-world.ts';
import { OriginalLost, TreeItemNotFound } from './raster-task.ts';
import { probeRasterFile } from './specs.ts';

const header = {
  ...{ driver: 'PNG', width: 400, height: 300, bands: 3, dtype: 'uint8', crs: null },
  ...{ is_georeferenced: false, subdatasets: [] },
};
const found = { ...header, is_cog: false };

let world: TreeItemWorld;
let api: TreeItemApi;
let work: WorkOf<typeof probeRasterFile>;
let handled: Promise<void>;
beforeEach(async () => {
  world = await openTreeItemWorld();
  await world.keep(plan);
  work = async () => found;
  const probe = createInlineSubmitTask(world.ports, async ({ queue, taskId, epoch }, signal) => {
    const body = JSON.stringify({ v: 1, taskId, epoch });
    const implementation = implement(probeRasterFile, (input, context) => work(input, context));
    handled = world.handle(implementation, { queue, messageId: taskId, receipt: null, body });
    const given = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => given.reject(signal.reason));
    await Promise.race([handled, given.promise]);
  });
  api = startTreeItemApi(world, { probe });
});

const ask = (remainingMs = 300_000) =>
  api.call({ path: '/api/v1/tree-items/plan/probe', token: 'acme:read', remainingMs });

describe('a probe', () => {
  it('is answered with what its task has found', async () => {
    expect(await ask()).toMatchObject({ status: 200, body: header });
    expect((await ask()).body).toEqual(header);
    expect(await world.tasks()).toMatchObject([
      { task: 'probe_raster', state: 'SUCCESS', input: { json: '{"tree_item_id":"plan"}' } },
      { task: 'probe_raster', state: 'SUCCESS' },
    ]);
    expect(world.queue.depth('geo_processing')).toEqual({ visible: 0, hidden: 0 });
  });

  it('is answered from the item once it is known, without a task', async () => {
    await world.keep({ ...plan, probe: { ...found, width: 7 } });
    expect(await ask()).toMatchObject({ status: 200, body: { ...header, width: 7 } });
    expect(await world.tasks()).toEqual([]);
  });

  it('needs an uploaded file', async () => {
    await world.keep({ ...plan, original: null });
    expect(await ask()).toMatchObject({
      ...{ status: 409, body: { detail: expect.stringContaining('is not uploaded yet') } },
    });
    expect(await world.tasks()).toEqual([]);
  });

  it.each([
    new RasterRefused('not recognized as a supported file format'),
    new OriginalLost('not recognized as a supported file format'),
    new TreeItemNotFound('not recognized as a supported file format'),
  ])('that failed by its file is refused in the words of its task: %s', async (error) => {
    work = async () => Promise.reject(error);
    expect(await ask()).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'item_id', message: 'not recognized as a supported file format' }] },
    });
  });

  it('that failed for a reason of ours is told without it, with the address of its task', async () => {
    work = async () => Promise.reject(new PermanentError('/var/task/raster-thread.js is not there'));
    const answer = await ask();
    const [task] = await world.tasks();
    expect(answer).toMatchObject({
      ...{ status: 500, headers: { location: `/api/v1/tasks/${task?.taskId}` } },
      body: { type: '/problems/internal', detail: expect.stringContaining(`/api/v1/tasks/${task?.taskId}`) },
    });
    expect(JSON.stringify(answer.body)).not.toContain('raster-thread');
  });

  it('that another request waits for is waited for as well', async () => {
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    work = async () => {
      begun.resolve();
      await end.promise;
      return found;
    };
    const first = ask();
    await begun.promise;
    const second = ask();
    // The timer by which it looks again.
    await expect.poll(() => world.clock.nextTimer()).toBe(world.clock.now() + 250);
    end.resolve();
    await handled;
    await world.clock.advance(250);
    expect(await Promise.all([first, second])).toMatchObject([
      { status: 200, body: header },
      { status: 200, body: header },
    ]);
    expect(await world.tasks()).toHaveLength(1);
  });

  it('that was cancelled can be asked for again', async () => {
    work = async (_, { taskId, tenant }) => {
      await cancelTask(world.ports, { taskId, tenant, by: 'grace' });
      throw new Error('stopped');
    };
    expect(await ask()).toMatchObject({
      ...{ status: 409, body: { detail: expect.stringContaining('was cancelled: ask again') } },
    });
    work = async () => found;
    expect((await ask()).status).toBe(200);
  });

  it('that is to be tried again goes on by itself', async () => {
    work = async () => Promise.reject(new Error('S3 down'));
    const answer = await ask();
    const [task] = await world.tasks();
    expect(task).toMatchObject({ state: 'RETRY' });
    expect(answer).toMatchObject({
      ...{ status: 504, headers: { location: `/api/v1/tasks/${task?.taskId}`, 'retry-after': '5' } },
      body: { type: '/problems/still-running' },
    });
    expect(await ask()).toEqual(answer);
    expect(await world.tasks()).toHaveLength(1);
  });

  it('that takes longer than the request may goes on by itself', async () => {
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    work = async () => {
      begun.resolve();
      await end.promise;
      return found;
    };
    const answering = ask(10_000);
    await begun.promise;
    await world.clock.advance(8000);
    expect(await answering).toMatchObject({ status: 504, body: { type: '/problems/still-running' } });
    // Asked again it is the same task, which nobody runs a second time.
    expect((await ask(2000)).status).toBe(504);
    expect(await world.tasks()).toHaveLength(1);
    end.resolve();
    await handled;
    expect(await world.tasks()).toMatchObject([{ state: 'SUCCESS' }]);
  });
});
