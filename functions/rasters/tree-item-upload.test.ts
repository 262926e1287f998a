import { beforeEach, describe, expect, it } from 'vitest';
import { started, startTreeItemApi, type TreeItemApi, treeItemsPath } from './fixtures/tree-item-api.ts';
import { openTreeItemWorld, plan, png, rasterOf, type TreeItemWorld } from './fixtures/tree-item-world.ts';
import { creation, sendFile } from './fixtures/upload-file.ts';
import { largestUpload } from './tree-item-views.ts';

let world: TreeItemWorld;
let api: TreeItemApi;
beforeEach(async () => {
  world = await openTreeItemWorld();
  api = startTreeItemApi(world);
});

const wish = { name: 'site plan.png', content_type: 'image/tiff', size: png.length };
const kept = (id: string) => world.items.read('acme', id);
const point = (x: number, y: number) => ({ image_x: x, image_y: y, world_x: x, world_y: y });
const pending = { ...plan, original: null };

async function create(body: unknown = wish) {
  return creation.parse((await api.post('', body)).body);
}

describe('a new item', () => {
  it('is stored, and told where its file goes', async () => {
    const { status, headers, body } = await api.post('', wish);
    const { id } = creation.parse(body);
    expect({ status, headers }).toMatchObject({
      ...{ status: 201, headers: { location: `${treeItemsPath}/${id}` } },
    });
    expect(body).toEqual({
      ...{ id, name: 'site plan.png', object_type: 'raw_file', is_georeferenced: false },
      ...{
        content_type: 'image/tiff',
        size: png.length,
        uploaded: false,
        georeference: null,
        geo_raster: null,
      },
      ...{ created_at: '2026-01-01T00:00:00.000Z', updated_at: '2026-01-01T00:00:00.000Z' },
      upload: {
        url: expect.stringContaining(`originals/${id}`),
        ...{ method: 'PUT', headers: { 'content-type': 'image/tiff' } },
        expires_at: '2026-01-01T00:15:00.000Z',
      },
    });
    expect(await kept(id)).toMatchObject({ tenant: 'acme', original: null, multipart: null, revision: 1 });
  });

  it('keeps where its image lies, numbers too near to zero for the table as zero', async () => {
    const georeference = { crs: 'EPSG:32617', bounds: [1e-200, 0, 2, 3] };
    const { id } = await create({ ...wish, georeference });
    expect((await kept(id))?.georeference).toEqual({ crs: 'EPSG:32617', bounds: [0, 0, 2, 3] });
    expect((await api.get(`/${id}`)).body).toMatchObject({ is_georeferenced: false });
  });

  it('names every wrong field, and stores nothing', async () => {
    const refused = await api.post('', { name: 'a/b', content_type: 'png', size: 0, tenant: 'x' });
    expect(refused).toMatchObject({
      status: 422,
      body: { errors: ['name', 'content_type', 'size', 'tenant'].map((path) => ({ path })) },
    });
    expect((await api.get('')).body).toEqual({ items: [], next_cursor: null });
  });

  it.each(['.', '..', 'a\u202egnp.exe', 'a\u2066.png', 'a\u200f.png', 'a/b', 'a\0'])(
    'is refused with the name %j',
    async (name) => {
      expect(await api.post('', { ...wish, name })).toMatchObject({
        ...{ status: 422, body: { errors: [{ path: 'name' }] } },
      });
    },
  );

  it.each(['...', '.png', 'a..', '..a', 'план.png'])('may have the name %j', async (name) => {
    expect(await api.post('', { ...wish, name })).toMatchObject({ status: 201, body: { name } });
  });

  it('is refused when it is too large, and told how many bytes are allowed', async () => {
    expect(await api.post('', { ...wish, size: largestUpload + 1 })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'size', message: `must be at most ${largestUpload} bytes` }] },
    });
  });

  it('is refused with a coordinate beyond all, which is named', async () => {
    const georeference = { crs: 'EPSG:4326', bounds: [0, 0, 1e16, 1] };
    expect(await api.post('', { ...wish, georeference })).toMatchObject({
      ...{ status: 422, body: { errors: [{ path: 'georeference.bounds.2' }] } },
    });
  });

  it.each([
    ['bounds the wrong way round', { bounds: [2, 0, 1, 3] }, 'the smaller before the larger'],
    ['points on one line', { gcps: [point(0, 0), point(1, 1), point(2, 2)] }, 'on one line'],
    ['a world file without extent', { world_file: [0, 0, 0, 0, 1, 1] }, 'no extent'],
    ['no place', {}, 'must be {"crs", "bounds": [minx'],
  ])('is refused with %s', async (_, place, words) => {
    const refused = await api.post('', { ...wish, georeference: { crs: 'EPSG:4326', ...place } });
    expect(refused).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'georeference', message: expect.stringContaining(words) }] },
    });
  });
});

describe('an uploaded file', () => {
  it('is checked, and known by its content from then on; asked again the answer is the same', async () => {
    const { id, upload } = await create();
    await sendFile(upload, png);
    await world.clock.advance(1000);
    const first = await api.post(`/${id}/uploaded`);
    expect(first).toMatchObject({
      status: 200,
      body: { id, uploaded: true, content_type: 'image/png', updated_at: '2026-01-01T00:00:01.000Z' },
    });
    const original = { etag: expect.any(String), uploadedAt: world.clock.now() };
    expect(await kept(id)).toMatchObject({ original, multipart: null, revision: 2 });
    await world.clock.advance(1000);
    expect(await api.post(`/${id}/uploaded`, {})).toEqual(first);
    expect(await kept(id)).toMatchObject({ revision: 2 });
  });

  it('by one request has no parts', async () => {
    const { id } = await create();
    expect(await api.post(`/${id}/uploaded`, { parts: [{ number: 1, etag: 'x' }] })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'parts', message: expect.stringContaining('leave the parts out') }] },
    });
  });

  it.each([
    ['number', { number: 0, etag: 'x' }, 'parts.0.number'],
    ['etag', { number: 1, etag: '' }, 'parts.0.etag'],
    ['field', { number: 1, etag: 'x', size: 1 }, 'parts.0.size'],
  ])('is not asked about with a wrong %s of a part', async (_, part, path) => {
    await world.keep(pending);
    expect(await api.post('/plan/uploaded', { parts: [part] })).toMatchObject({
      status: 422,
      body: { errors: [{ path }] },
    });
  });

  it('must be there', async () => {
    const { id } = await create();
    expect(await api.post(`/${id}/uploaded`)).toMatchObject({
      ...{ status: 409, body: { detail: expect.stringContaining('is not there: upload it') } },
    });
  });

  it('must be as large as was said', async () => {
    await world.keep(pending);
    await world.put('originals/plan', png.subarray(0, 60));
    const detail = expect.stringContaining('the uploaded file has 60 bytes, but 64 were declared');
    expect(await api.post('/plan/uploaded')).toMatchObject({ status: 409, body: { detail } });
    await world.put('originals/plan', new Uint8Array());
    expect(await api.post('/plan/uploaded')).toMatchObject({ status: 409 });
    expect(await kept('plan')).toEqual(pending);
  });

  it('must be an image by its content', async () => {
    await world.keep(pending);
    await world.put('originals/plan', Buffer.from('%PDF-1.7'.padEnd(png.length)));
    expect(await api.post('/plan/uploaded')).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'item_id', message: expect.stringContaining('is a PDF document') }] },
    });
    expect(await kept('plan')).toEqual(pending);
  });

  it('may be of a kind that only GDAL can tell', async () => {
    await world.keep(pending);
    await world.put('originals/plan', Buffer.alloc(png.length, 7));
    expect(await api.post('/plan/uploaded')).toMatchObject({
      ...{ status: 200, body: { content_type: 'application/octet-stream' } },
    });
  });

  it('takes the place of another one, of which nothing was made', async () => {
    const probe = {
      ...{ driver: 'PNG', width: 1, height: 1, bands: 1, dtype: 'uint8', crs: null },
      ...{ is_georeferenced: false, subdatasets: [], is_cog: false },
    };
    await world.keep({ ...plan, probe });
    await world.put('originals/plan');
    expect((await api.post('/plan/uploaded')).status).toBe(200);
    expect(await kept('plan')).toMatchObject({ probe: null, original: { uploadedAt: world.clock.now() } });
  });

  it.each([
    ['convert-to-geo-raster', undefined],
    ['apply-georeferencing', { control_points: [point(0, 0), point(1, 0), point(0, 1)] }],
  ])('does not take the place of one that a task works on: %s', async (route, body) => {
    await world.keep(plan);
    const { task_id } = started.parse((await api.post(`/plan/${route}`, body)).body);
    await world.put('originals/plan');
    const before = await kept('plan');
    expect(await api.post('/plan/uploaded')).toMatchObject({
      ...{ status: 409, headers: { location: `/api/v1/tasks/${task_id}` } },
      body: { detail: expect.stringContaining(`task ${task_id} works on the one before`) },
    });
    expect(await kept('plan')).toEqual(before);
  });

  it('does not take the place of one of which a geo-raster was made', async () => {
    const converted = { ...plan, rasters: { converted: rasterOf('converted'), georeferenced: null } };
    await world.keep(converted);
    await world.put('originals/plan');
    expect(await api.post('/plan/uploaded')).toMatchObject({
      ...{
        status: 409,
        body: { detail: expect.stringContaining('a geo-raster was made of the one before') },
      },
    });
    expect(await kept('plan')).toEqual(converted);
  });

  it('is checked anew when the item is changed meanwhile, and given up when it always is', async () => {
    await world.keep(pending);
    await world.put('originals/plan');
    let changes = 1;
    const contested = startTreeItemApi(world, {
      items: {
        ...world.items,
        async read(tenant, id) {
          const found = await world.items.read(tenant, id);
          if (found && changes-- > 0)
            await world.items.save({ ...found, name: `${changes}`, revision: found.revision + 1 });
          return found;
        },
      },
    });
    expect(await contested.post('/plan/uploaded')).toMatchObject({ status: 200, body: { name: '0' } });
    await world.keep(pending);
    changes = Number.POSITIVE_INFINITY;
    expect(await contested.post('/plan/uploaded')).toMatchObject({
      ...{ status: 409, headers: { 'retry-after': '1' } },
    });
    expect(await kept('plan')).toMatchObject({ original: null, revision: 6 });
  });
});
