import { beforeEach, describe, expect, it } from 'vitest';
import { cancelTask } from '#shared/pipeline/cancel-task.ts';
import { retryTask } from '#shared/pipeline/retry-task.ts';
import { implement } from '#shared/tasks/implement-task.ts';
import { started, startTreeItemApi, type TreeItemApi } from './fixtures/tree-item-api.ts';
import { openTreeItemWorld, plan, rasterOf, type TreeItemWorld } from './fixtures/tree-item-world.ts';
import { applyGeoreferencing } from './specs.ts';

let world: TreeItemWorld;
let api: TreeItemApi;
beforeEach(async () => {
  world = await openTreeItemWorld();
  api = startTreeItemApi(world);
  await world.keep(plan);
});

const point = (image_x: number, image_y: number) => ({
  ...{ image_x, image_y, world_x: image_x / 10, world_y: -image_y / 10 },
});
const control_points = [point(0, 0), point(100, 0), point(0, 100), point(100, 100)];
const onALine = [point(0, 0), point(50, 50), point(100, 100)];
const probed = {
  ...{ driver: 'PNG', width: 50, height: 200, bands: 1, dtype: 'uint8', crs: null },
  ...{ is_georeferenced: false, subdatasets: [], is_cog: false },
};

const kept = () => world.items.read('acme', 'plan');
const validate = (body: unknown) => api.post('/plan/validate-control-points', body, 'acme:read');
const apply = (body: unknown = { control_points }) => api.post('/plan/apply-georeferencing', body);
const reset = (from = api) => from.post('/plan/reset-georeferencing');

describe('control points', () => {
  it('are fitted, and how well they fit is told; nothing changes', async () => {
    const { status, body } = await validate({ control_points });
    expect(status).toBe(200);
    expect(body).toEqual({
      valid: true,
      transform: [0, 0.1, 0, 0, 0, -0.1].map((value) => expect.closeTo(value, 9)),
      residuals: [0, 1, 2, 3].map((index) => ({ index, error: expect.closeTo(0, 9) })),
      ...{ mean_error: expect.closeTo(0, 9), max_error: expect.closeTo(0, 9) },
      ...{ std_error: expect.closeTo(0, 9), rmse: expect.closeTo(0, 9), warnings: [] },
    });
    expect([await kept(), await world.tasks()]).toEqual([plan, []]);
  });

  it('that fix nothing are not valid', async () => {
    expect(await validate({ control_points: onALine })).toMatchObject({
      ...{ status: 200, body: { valid: false, transform: null, residuals: [], rmse: null } },
    });
  });

  it('outside the image are warned of once its size is known', async () => {
    const warnings = [expect.stringContaining('Outside the image of 50 × 200 pixels: points 1, 3')];
    await world.keep({ ...plan, probe: probed });
    expect((await validate({ control_points })).body).toMatchObject({ valid: true, warnings });
    const raster = { ...rasterOf('converted'), width: 50, height: 200 };
    await world.keep({ ...plan, rasters: { converted: raster, georeferenced: null } });
    expect((await validate({ control_points })).body).toMatchObject({ valid: true, warnings });
  });

  const wrong: [string, unknown, string[]][] = [
    ['nothing', {}, ['control_points']],
    ['two points', { control_points: control_points.slice(0, 2) }, ['control_points']],
    ['an unknown field', { control_points, crs: 'x' }, ['crs']],
    ['an empty CRS', { control_points, control_points_srs: '' }, ['control_points_srs']],
    [
      'a coordinate that is none',
      { control_points: [{ ...point(0, 0), world_x: '1', z: 1 }, ...control_points] },
      ['control_points.0.world_x', 'control_points.0.z'],
    ],
  ];
  it.each(wrong)('are refused with %s', async (_, body, paths) => {
    const errors = paths.map((path) => ({ path }));
    expect(await validate(body)).toMatchObject({ status: 422, body: { errors } });
    expect(await apply(body)).toMatchObject({ status: 422, body: { errors } });
    expect([await kept(), await world.tasks()]).toEqual([plan, []]);
  });
});

describe('applying control points', () => {
  it('is committed together with the item that names it, whatever raster there is', async () => {
    const rasters = { converted: rasterOf('converted'), georeferenced: rasterOf('georeferenced') };
    await world.keep({ ...plan, rasters });
    const { status, headers, body } = await apply();
    const { task_id } = started.parse(body);
    expect({ status, headers }).toMatchObject({
      ...{ status: 202, headers: { location: `/api/v1/tasks/${task_id}` } },
    });
    expect(body).toEqual({ task_id, status: 'STARTED', message: 'Georeferencing started in background' });
    const input = { tree_item_id: 'plan', control_points, control_points_srs: 'EPSG:4326' };
    expect(await world.tasks()).toMatchObject([
      { taskId: task_id, task: 'apply_georeferencing', input: { json: JSON.stringify(input) } },
    ]);
    expect(world.queue.depth('geo_processing').visible).toBe(1);
    expect(await kept()).toMatchObject({
      ...{ rasters, makings: { converted: null, georeferenced: { taskId: task_id, resultId: null } } },
    });
  });

  it('needs points that fix a place, and an uploaded file', async () => {
    expect(await apply({ control_points: onALine })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'control_points', message: expect.stringContaining('on one line') }] },
    });
    await world.keep({ ...plan, original: null });
    expect(await apply()).toMatchObject({ status: 409 });
    expect(await world.tasks()).toEqual([]);
  });

  it('is answered again for the same points, however they are written; others are refused meanwhile', async () => {
    const first = await apply();
    const { task_id } = started.parse(first.body);
    const turned = control_points.map(({ image_x, ...rest }) => ({ ...rest, image_x }));
    expect(await apply({ control_points_srs: 'EPSG:4326', control_points: turned })).toEqual(first);
    const before = await kept();
    for (const other of [
      { control_points: control_points.slice(1) },
      { control_points, control_points_srs: 'EPSG:3857' },
    ]) {
      expect(await apply(other)).toMatchObject({
        ...{ status: 409, headers: { location: `/api/v1/tasks/${task_id}` } },
        body: { detail: expect.stringContaining(`task ${task_id} applies other control points`) },
      });
    }
    expect([await kept(), (await world.tasks()).length]).toEqual([before, 1]);
  });

  it('compares points that are too many for the record, too', async () => {
    const many = Array.from({ length: 1000 }, (_, index) => point(index, index * index));
    const first = await apply({ control_points: many });
    expect((await world.tasks())[0]?.input.kind).toBe('stored');
    expect(await apply({ control_points: many })).toEqual(first);
    expect((await apply({ control_points: many.slice(1) })).status).toBe(409);
  });

  it('compares with the points that a retry has put in their place', async () => {
    const { task_id: taskId } = started.parse((await apply()).body);
    await cancelTask(world.ports, { tenant: 'acme', taskId, by: 'ada' });
    const input = { tree_item_id: 'plan', control_points: control_points.slice(1) };
    const edited = { spec: applyGeoreferencing, input };
    await retryTask(world.ports, { tenant: 'acme', taskId, by: 'ada', edited });
    expect((await apply()).status).toBe(409);
    expect(await apply({ control_points: input.control_points })).toMatchObject({
      ...{ status: 202, body: { task_id: taskId } },
    });
  });

  it('is one task, however many ask at the same moment', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => apply()));
    const { task_id } = started.parse(answers[0]?.body);
    for (const answer of answers) expect(answer).toMatchObject({ status: 202, body: { task_id } });
    expect(await world.tasks()).toHaveLength(1);
  });
});

describe('a reset', () => {
  it('removes what was made by control points, and only that', async () => {
    const rasters = { converted: rasterOf('converted'), georeferenced: rasterOf('georeferenced') };
    const makings = {
      converted: { taskId: 'one', resultId: 'result' },
      georeferenced: { taskId: 'other', resultId: 'result' },
    };
    await world.keep({ ...plan, rasters, makings });
    for (const { key } of [rasters.converted, rasters.georeferenced]) await world.put(key);
    await world.put('originals/plan');
    const { status, body } = await reset();
    expect({ status, body }).toMatchObject({
      ...{ status: 200, body: { is_georeferenced: false, geo_raster: { id: 'result' } } },
    });
    expect(await kept()).toEqual({
      ...{ ...plan, updatedAt: world.clock.now(), revision: 2 },
      makings: { ...makings, georeferenced: null },
      rasters: { ...rasters, georeferenced: null },
    });
    expect(await world.files.list('')).toEqual(['originals/plan', 'results/plan/converted/result.tif']);
    expect(await reset()).toEqual({ status, headers: expect.anything(), body });
    expect(await kept()).toMatchObject({ revision: 2 });
  });

  it('cancels the task that is at it; the next waits for its end', async () => {
    const { task_id: taskId } = started.parse((await apply()).body);
    await world.work(
      implement(applyGeoreferencing, async () => {
        expect((await reset()).status).toBe(200);
        expect(await apply()).toMatchObject({ status: 409, headers: { 'retry-after': '5' } });
        throw new Error('stopped');
      }),
    );
    expect(await world.store.read(taskId)).toMatchObject({
      state: 'CANCELLED',
      cancelRequest: { by: 'ada' },
    });
    expect((await kept())?.makings.georeferenced).toBeNull();
    expect(started.parse((await apply()).body).task_id).not.toBe(taskId);
  });

  it('leaves a conversion alone', async () => {
    const { task_id } = started.parse((await api.post('/plan/convert-to-geo-raster')).body);
    const before = await kept();
    await reset();
    expect([await kept(), (await world.store.read(task_id))?.state]).toEqual([before, 'PENDING']);
  });

  it('takes along what a dead attempt has left, and does not touch what comes after it', async () => {
    await world.put('results/plan/georeferenced/left.tif');
    const late = startTreeItemApi(world, {
      items: {
        ...world.items,
        async save(next) {
          const saved = await world.items.save(next);
          await world.put('results/plan/georeferenced/next.tif');
          return saved;
        },
      },
    });
    expect((await reset(late)).status).toBe(200);
    expect(await world.files.list('')).toEqual(['results/plan/georeferenced/next.tif']);
  });

  it('is decided anew when a task gives the item its raster meanwhile', async () => {
    await apply();
    let given = false;
    const late = startTreeItemApi(world, {
      items: {
        ...world.items,
        async save(next) {
          const item = await kept();
          if (!given && item) {
            given = true;
            const raster = rasterOf('georeferenced');
            await world.put(raster.key);
            const rasters = { ...item.rasters, georeferenced: raster };
            await world.items.save({ ...item, rasters, revision: item.revision + 1 });
          }
          return world.items.save(next);
        },
      },
    });
    expect((await reset(late)).status).toBe(200);
    expect((await kept())?.rasters.georeferenced).toBeNull();
    expect(await world.files.list('')).toEqual([]);
  });
});
