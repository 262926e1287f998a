import { beforeEach, describe, expect, it } from 'vitest';
import { startTreeItemApi, type TreeItemApi } from './fixtures/tree-item-api.ts';
import { openTreeItemWorld, png, type TreeItemWorld } from './fixtures/tree-item-world.ts';
import { creation, sendFile } from './fixtures/upload-file.ts';
import { partSize } from './tree-item-files.ts';

let world: TreeItemWorld;
let api: TreeItemApi;
beforeEach(async () => {
  world = await openTreeItemWorld();
  api = startTreeItemApi(world);
});

const wish = { name: 'site plan.png', content_type: 'image/tiff' };
const kept = (id: string) => world.items.read('acme', id);

async function create(body: unknown) {
  return creation.parse((await api.post('', body)).body);
}

describe('a file that was uploaded in parts', () => {
  it('is put together, and asked again the answer is the same', async () => {
    const large = Buffer.concat([png, Buffer.alloc(partSize)]);
    const { id, upload } = await create({ ...wish, size: large.length });
    expect(await kept(id)).toMatchObject({ multipart: { parts: 2 } });
    const parts = await sendFile(upload, large);
    const first = await api.post(`/${id}/uploaded`, { parts });
    expect(first).toMatchObject({ status: 200, body: { uploaded: true, size: large.length } });
    expect(await kept(id)).toMatchObject({ multipart: null });
    expect(await api.post(`/${id}/uploaded`, { parts })).toEqual(first);
  });

  it('needs all of them named', async () => {
    const { id, upload } = await create({ ...wish, size: partSize + 1 });
    expect(await api.post(`/${id}/uploaded`)).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'parts', message: expect.stringContaining('in 2 parts') }] },
    });
    const parts = await sendFile(upload, Buffer.alloc(partSize + 1));
    const wrong = parts?.map(({ number }) => ({ number, etag: '"0123456789abcdef0123456789abcdef"' }));
    expect(await api.post(`/${id}/uploaded`, { parts: wrong })).toMatchObject({
      status: 409,
      body: {
        detail: expect.stringContaining('cannot be completed'),
        errors: [{ path: 'parts', message: expect.stringContaining('cannot be completed') }],
      },
    });
    expect(await kept(id)).toMatchObject({ original: null, revision: 1 });
  });

  it.each([
    ['left out', [1]],
    ['left out and another twice', [1, 1]],
    ['twice', [1, 2, 2]],
    ['beyond the last', [1, 3]],
    ['too many', [1, 2, 3]],
  ])('is not put together with one %s', async (_, numbers) => {
    const large = Buffer.concat([png, Buffer.alloc(partSize)]);
    const { id, upload } = await create({ ...wish, size: large.length });
    const parts = await sendFile(upload, large);
    const etagOf = (number: number) => parts?.[number - 1]?.etag ?? '"none"';
    const named = numbers.map((number) => ({ number, etag: etagOf(number) }));
    expect(await api.post(`/${id}/uploaded`, { parts: named })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'parts', message: expect.stringContaining('each part from 1 to 2') }] },
    });
    // S3 was not asked, so that the right ones still make up the file.
    expect(await api.post(`/${id}/uploaded`, { parts })).toMatchObject({ status: 200 });
  });

  it('is checked by each of several requests at once, and after one whose answer was lost', async () => {
    const large = Buffer.concat([png, Buffer.alloc(partSize)]);
    const { id, upload } = await create({ ...wish, size: large.length });
    const parts = await sendFile(upload, large);
    const lost = startTreeItemApi(world, {
      items: { ...world.items, save: async () => Promise.reject(new Error('the line is down')) },
    });
    expect((await lost.post(`/${id}/uploaded`, { parts })).status).toBe(500);
    expect(await kept(id)).toMatchObject({ original: null, multipart: { parts: 2 } });
    const asked = [1, 2, 3].map(() => api.post(`/${id}/uploaded`, { parts }));
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await kept(id)).toMatchObject({ original: { etag: expect.any(String) }, revision: 2 });
  });

  it.each(['AbortError', 'TimeoutError'])(
    'can be asked about again when S3 takes too long: %s',
    async (name) => {
      const { id, upload } = await create({ ...wish, size: partSize + 1 });
      const parts = await sendFile(upload, Buffer.alloc(partSize + 1));
      const late = Object.assign(new Error('too late'), { name });
      const slow = startTreeItemApi(world, {
        files: { ...world.files, complete: async () => Promise.reject(late) },
      });
      expect(await slow.post(`/${id}/uploaded`, { parts })).toMatchObject({
        status: 503,
        headers: { 'retry-after': '5' },
        body: { detail: expect.stringContaining('send the same request again') },
      });
      expect(await api.post(`/${id}/uploaded`, { parts })).toMatchObject({ status: 200 });
    },
  );

  it('is told what to do when the upload was given up', async () => {
    const { id, upload } = await create({ ...wish, size: partSize + 1 });
    const parts = await sendFile(upload, Buffer.alloc(partSize + 1));
    await world.files.abandon(`originals/${id}`, (await kept(id))?.multipart?.uploadId ?? '');
    expect(await api.post(`/${id}/uploaded`, { parts })).toMatchObject({
      ...{ status: 409, body: { detail: expect.stringContaining('create a new item') } },
    });
  });
});
