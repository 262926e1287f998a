import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { cancelTask } from '#shared/pipeline/cancel-task.ts';
import { started, startTreeItemApi, type TreeItemApi, treeItemsPath } from './fixtures/tree-item-api.ts';
import { openTreeItemWorld, plan, rasterOf, type TreeItemWorld } from './fixtures/tree-item-world.ts';
import { rasterRoutes } from './routes.ts';

let world: TreeItemWorld;
let api: TreeItemApi;
beforeEach(async () => {
  world = await openTreeItemWorld();
  api = startTreeItemApi(world);
});

const control_points = [
  { image_x: 0, image_y: 0, world_x: 0, world_y: 9 },
  { image_x: 9, image_y: 0, world_x: 9, world_y: 9 },
  { image_x: 0, image_y: 9, world_x: 0, world_y: 0 },
];

const kept = () => world.items.read('acme', 'plan');
const converted = { ...plan, rasters: { converted: rasterOf('converted'), georeferenced: null } };
const fitted = {
  ...plan,
  rasters: { converted: rasterOf('converted'), georeferenced: rasterOf('georeferenced', 'fitted') },
};

describe('an item', () => {
  it('is shown with the raster that it has: the one fitted to control points before the converted one', async () => {
    const raster = { size: 1000, width: 400, height: 300, bands: 3, dtype: 'uint8', crs: 'EPSG:3857' };
    const shown = { ...raster, bounds: [0, 0, 400, 300] };
    await world.keep(plan);
    expect((await api.get('/plan')).body).toMatchObject({ object_type: 'raw_file', geo_raster: null });
    await world.keep(converted);
    expect((await api.get('/plan')).body).toMatchObject({
      ...{ object_type: 'geo_raster_file', is_georeferenced: false, geo_raster: { ...shown, id: 'result' } },
    });
    await world.keep(fitted);
    const { body } = await api.get('/plan');
    expect(body).toMatchObject({ is_georeferenced: true });
    expect(body).toHaveProperty('geo_raster', { ...shown, id: 'fitted' });
  });

  it('is listed, newest first, page by page, to its own tenant', async () => {
    for (const id of ['1', '2', '3']) await world.keep({ ...plan, id });
    await world.keep({ ...plan, id: '4', tenant: 'other' });
    const page = z.object({
      items: z.array(z.looseObject({ id: z.string() })),
      next_cursor: z.string().nullable(),
    });
    const first = page.parse((await api.get('?limit=2')).body);
    const second = page.parse((await api.get(`?limit=2&cursor=${first.next_cursor}`)).body);
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(['3', '2', '1']);
    expect([first.items.length, second.next_cursor]).toEqual([2, null]);
    expect((await api.get('', 'other:read')).body).toMatchObject({ items: [{ id: '4' }] });
    expect(first.items[0]).toEqual((await api.get('/3')).body);
  });

  it.each([
    ['?limit=0', 'limit'],
    ['?cursor=x', 'cursor'],
    ['?tenant=other', 'tenant'],
    ['/plan/download?file=tif', 'file'],
    ['/plan/download?name=x', 'name'],
  ])('is not asked for by %s', async (query, path) => {
    await world.keep(plan);
    expect(await api.get(query)).toMatchObject({ status: 422, body: { errors: [{ path }] } });
  });
});

describe('a download', () => {
  const download = z.object({ url: z.string(), expires_at: z.string() });
  async function fetchFile(query: string) {
    const { url, expires_at } = download.parse((await api.get(`/plan/download${query}`)).body);
    const reply = await fetch(url);
    expect(reply.status).toBe(200);
    // What S3 answers as the file's name and type; the emulator leaves it out.
    const { searchParams } = new URL(url);
    const disposition = searchParams.get('response-content-disposition');
    const type = searchParams.get('response-content-type');
    return { expires_at, disposition, type, text: await reply.text() };
  }

  it('gives the original under its own name, and the geo-raster under that with another ending', async () => {
    await world.keep(fitted);
    await world.put('originals/plan', Buffer.from('original'));
    await world.put('results/plan/georeferenced/fitted.tif', Buffer.from('raster'));
    const original = await fetchFile('');
    expect(original).toEqual({
      ...{ expires_at: '2026-01-01T01:00:00.000Z', text: 'original', type: 'image/png' },
      disposition: expect.stringContaining('"site plan.png"'),
    });
    expect(await fetchFile('?file=original')).toEqual(original);
    expect(await fetchFile('?file=geo_raster')).toMatchObject({
      ...{ text: 'raster', disposition: expect.stringContaining('"site plan.tif"') },
      type: 'image/tiff; application=geotiff; profile=cloud-optimized',
    });
  });

  it.each([
    ['plan', 'plan.tif'],
    ['a.b.png', 'a.b.tif'],
    ['.hidden', '.hidden.tif'],
  ])('of the geo-raster of %s is named %s', async (name, expected) => {
    await world.keep({ ...fitted, name });
    const { url } = download.parse((await api.get('/plan/download?file=geo_raster')).body);
    expect(new URL(url).searchParams.get('response-content-disposition')).toContain(`"${expected}"`);
  });

  it('is refused while there is no such file', async () => {
    await world.keep({ ...plan, original: null });
    expect(await api.get('/plan/download')).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining(`POST ${treeItemsPath}/plan/uploaded`) },
    });
    expect(await api.get('/plan/download?file=geo_raster')).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('tree item plan has no geo-raster yet') },
    });
  });
});

describe('a deleted item', () => {
  it('is gone, with its files and its waiting tasks', async () => {
    await world.keep(plan);
    await world.keep({ ...plan, id: 'plan2' });
    for (const key of [
      'originals/plan',
      'originals/plan2',
      'results/plan/converted/a.tif',
      'results/plan2/x',
    ])
      await world.put(key);
    await api.post('/plan/convert-to-geo-raster');
    await api.post('/plan/apply-georeferencing', { control_points });
    // Its message waits: whoever asks does not, here.
    expect((await api.get('/plan/probe')).status).toBe(504);
    const other = started.parse((await api.post('/plan2/convert-to-geo-raster')).body);
    expect(await api.remove('plan')).toMatchObject({ status: 204, body: undefined });
    expect([await kept(), (await api.remove('plan')).status]).toEqual([null, 404]);
    expect(await world.files.list('')).toEqual(['originals/plan2', 'results/plan2/x']);
    const cancelled = { state: 'CANCELLED', cancelRequest: { by: 'ada' } };
    expect(await world.tasks()).toMatchObject([
      { taskId: other.task_id, state: 'PENDING' },
      { task: 'probe_raster', ...cancelled },
      { task: 'apply_georeferencing', ...cancelled },
      { task: 'convert_to_geo_raster', ...cancelled },
    ]);
  });

  it('takes along what a task has given it while it was being deleted', async () => {
    await world.keep(plan);
    const late = startTreeItemApi(world, {
      items: {
        ...world.items,
        async remove(tenant, id) {
          await world.put('results/plan/converted/late.tif');
          return world.items.remove(tenant, id);
        },
      },
    });
    expect((await late.remove('plan')).status).toBe(204);
    expect(await world.files.list('')).toEqual([]);
  });

  it('leaves no parts of an unfinished upload', async () => {
    const wish = { name: 'a.png', content_type: 'image/png', size: 10_000_000 };
    const created = z
      .object({ id: z.string(), upload: z.object({ parts: z.array(z.object({ url: z.string() })) }) })
      .parse((await api.post('', wish)).body);
    const url = created.upload.parts[1]?.url ?? '';
    const put = () => fetch(url, { method: 'PUT', body: new Uint8Array(10_000_000 - 8_388_608) });
    expect((await put()).status).toBe(200);
    expect((await api.remove(created.id)).status).toBe(204);
    expect((await put()).status).toBe(404);
  });

  it('stays when its files cannot be removed, so that it can be deleted again', async () => {
    await world.keep(plan);
    const broken = startTreeItemApi(world, {
      files: { ...world.files, remove: async () => Promise.reject(new Error('S3 down')) },
    });
    expect((await broken.remove('plan')).status).toBe(500);
    expect(await kept()).toEqual(plan);
    expect((await api.remove('plan')).status).toBe(204);
  });

  it('has no bearing on tasks that have ended', async () => {
    await world.keep(plan);
    const { task_id: taskId } = started.parse((await api.post('/plan/convert-to-geo-raster')).body);
    await cancelTask(world.ports, { tenant: 'acme', taskId, by: 'grace' });
    const ended = await world.store.read(taskId);
    expect((await api.remove('plan')).status).toBe(204);
    expect(await world.store.read(taskId)).toEqual(ended);
  });
});

const one = rasterRoutes.filter(({ path }) => path.includes('{item_id}'));
const ask = ({ method, path, body }: (typeof one)[number], id: string, token: string) => {
  const needsPoints = body?.safeParse({}).success === false;
  return api.call({
    ...{ method, path: path.replace('{item_id}', id), token },
    ...(body !== null && { body: needsPoints ? { control_points } : {} }),
  });
};

it.each(one.map((route) => [route.method, route.path, route] as const))(
  "%s %s knows neither an item that is not there nor another tenant's",
  async (_, __, route) => {
    await world.keep(plan);
    const token = `acme:${route.scope}`;
    expect(await ask(route, 'none', token)).toMatchObject({
      status: 404,
      body: { detail: 'there is no tree item none' },
    });
    expect(await ask(route, 'plan', `other:${route.scope}`)).toMatchObject({
      status: 404,
      body: { detail: 'there is no tree item plan' },
    });
    expect([await kept(), await world.tasks()]).toEqual([plan, []]);
  },
);

it.each(rasterRoutes.map((route) => [route.method, route.path, route] as const))(
  '%s %s is not for a token with another scope',
  async (_, __, route) => {
    await world.keep(plan);
    const other = route.scope === 'read' ? 'submit' : 'read';
    expect((await ask(route, 'plan', `acme:${other}`)).status).toBe(403);
    expect(await kept()).toEqual(plan);
  },
);
