import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  describeNatively,
  requireNativeGdal,
  validateNatively,
} from '#functions/rasters/conversion/native/native-gdal.ts';
import { ask, readTask, taskUntil } from './api-calls.ts';
import { type OpenTarget, openTarget } from './open-target.ts';
import { downloadFile, gradientPng, noiseBmp, uploadImage } from './raster-calls.ts';
import { anId, aTime } from './shapes.ts';
import type { Target } from './target.ts';

let opened: OpenTarget;
let target: Target;
let folder: string;
beforeAll(async () => {
  await requireNativeGdal();
  folder = await mkdtemp(join(tmpdir(), 'celeriac-rasters-'));
  opened = await openTarget();
  ({ target } = opened);
});
afterAll(async () => {
  await opened.stop();
  await rm(folder, { recursive: true });
});

const started = z.object({ task_id: z.string(), status: z.literal('STARTED'), message: z.string() });

/** Asks for work on an item; resolves with its task's id. */
async function start(path: string, verb: string, json?: unknown): Promise<string> {
  const answer = await ask(target, 'POST', `${path}/${verb}`, json === undefined ? {} : { json });
  expect(answer.status).toBe(202);
  return started.parse(answer.body).task_id;
}

const until = (taskId: string, state: string) =>
  taskUntil(target, taskId, (record) => expect(record).toMatchObject({ state }));

const words = (timeline: readonly { readonly state: string }[]) => timeline.map(({ state }) => state);

/** What native GDAL says of an item's geo-raster, which must be a valid Cloud-Optimized GeoTIFF. */
async function readResult(path: string) {
  const file = join(folder, 'result.tif');
  await writeFile(file, await downloadFile(target, path, 'geo_raster'));
  expect(await validateNatively([file])).toEqual([{ errors: [], warnings: [] }]);
  const [raster] = await describeNatively([file]);
  return raster;
}

describe('an image that lies nowhere', () => {
  const image = { name: 'plan.png', contentType: 'image/png', bytes: gradientPng(300, 200) };
  let path: string;
  beforeAll(async () => {
    path = await uploadImage(target, image);
  });

  it('is known by its header', async () => {
    expect((await ask(target, 'GET', `${path}/probe`)).body).toEqual({
      ...{ driver: 'PNG', width: 300, height: 200, bands: 3, dtype: 'uint8', crs: null },
      ...{ is_georeferenced: false, subdatasets: [] },
    });
  });

  it('becomes a geo-raster in the dummy frame, beside the original', async () => {
    expect((await ask(target, 'GET', `${path}/conversion-status`)).body).toMatchObject({
      ...{ status: 'NOT_CONVERTED', object_type: 'raw_file', task_id: null },
    });
    const taskId = await start(path, 'convert-to-geo-raster');
    const { result, timeline } = await until(taskId, 'SUCCESS');
    expect(words(timeline)).toEqual(expect.arrayContaining(['PENDING', 'STARTED', 'SUCCESS']));
    const id = path.split('/').at(-1);
    expect(result).toEqual({
      ...{ tree_item_id: id, geo_raster_file_id: expect.any(String), object_type: 'geo_raster_file' },
      ...{ is_georeferenced: false, width: 300, height: 200, bands: 3, size: expect.any(Number) },
      ...{ crs: 'EPSG:3857', bounds: [0, 0, 1_000_000, expect.closeTo(666_666.667, 2)] },
    });
    expect((await ask(target, 'GET', `/api/v1/tasks/${taskId}/status`)).body).toMatchObject({
      ...{ state: 'SUCCESS', progress: 100, status: 'Conversion complete' },
    });
    expect((await ask(target, 'GET', `${path}/conversion-status`)).body).toMatchObject({
      ...{ item_id: id, status: 'COMPLETED', object_type: 'geo_raster_file', task_id: taskId },
    });
    expect(await readResult(path)).toMatchObject({ size: [300, 200], layout: 'COG', compression: 'LZW' });
    expect(await downloadFile(target, path, 'original')).toEqual(image.bytes);
    expect(await ask(target, 'POST', `${path}/convert-to-geo-raster`)).toMatchObject({
      status: 400,
      body: { detail: 'File is already converted to geo raster' },
    });
  });

  it('is fitted to control points, and as it was once they are reset', async () => {
    const corner = (image_x: number, image_y: number) => ({
      ...{ image_x, image_y, world_x: 8 + image_x / 1000, world_y: 50 - image_y / 1500 },
    });
    const control_points = [corner(0, 0), corner(300, 0), corner(0, 200), corner(300, 200)];
    const json = { control_points, control_points_srs: 'EPSG:4326' };
    const valid = await ask(target, 'POST', `${path}/validate-control-points`, { json });
    expect(valid.body).toMatchObject({ valid: true, warnings: [], rmse: expect.closeTo(0, 9) });
    const taskId = await start(path, 'apply-georeferencing', json);
    expect((await until(taskId, 'SUCCESS')).result).toMatchObject({ is_georeferenced: true, bands: 4 });
    expect((await ask(target, 'GET', path)).body).toMatchObject({
      ...{ object_type: 'geo_raster_file', is_georeferenced: true },
      geo_raster: { crs: 'EPSG:3857', bands: 4 },
    });
    expect((await readResult(path))?.crs).toContain('3857');
    expect((await ask(target, 'POST', `${path}/reset-georeferencing`)).body).toMatchObject({
      ...{ object_type: 'geo_raster_file', is_georeferenced: false, geo_raster: { bands: 3 } },
    });
  });

  it('is gone with all that was made of it', async () => {
    const { body } = await ask(target, 'GET', `${path}/download?file=geo_raster`);
    const { url } = z.object({ url: z.string(), expires_at: z.string() }).parse(body);
    expect((await ask(target, 'DELETE', path)).status).toBe(204);
    expect((await ask(target, 'GET', path)).status).toBe(404);
    expect((await fetch(url)).status).toBe(404);
  });
});

it('keeps the place that an item is told', async () => {
  const place = { crs: 'EPSG:32617', bounds: [440_720, 3_750_120, 441_320, 3_750_520] };
  const image = { name: 'field.png', contentType: 'image/png', bytes: gradientPng(60, 40) };
  const path = await uploadImage(target, { ...image, georeference: place });
  const ended = await until(await start(path, 'convert-to-geo-raster'), 'SUCCESS');
  expect(ended.result).toMatchObject({ is_georeferenced: true, ...place });
  const native = await readResult(path);
  expect(native?.transform).toEqual([440_720, 10, 0, 3_750_520, 0, -10]);
});

it('fails, in words, for what only looks like an image', async () => {
  const bytes = Buffer.concat([gradientPng(64, 64).subarray(0, 200)]);
  const path = await uploadImage(target, { name: 'cut.png', contentType: 'image/png', bytes });
  const failed = await until(await start(path, 'convert-to-geo-raster'), 'FAILURE');
  expect(failed.error).toMatchObject({ type: 'RasterRefused', message: expect.stringMatching(/./) });
  expect((await ask(target, 'GET', `${path}/conversion-status`)).body).toMatchObject({
    ...{ status: 'FAILED', object_type: 'raw_file', message: failed.error?.message },
  });
});

it('is cancelled while GDAL works: within seconds, leaving nothing, and the worker goes on', async () => {
  const bytes = noiseBmp(5000);
  const path = await uploadImage(target, { name: 'noise.bmp', contentType: 'image/bmp', bytes });
  const taskId = await start(path, 'convert-to-geo-raster');
  expect(await start(path, 'convert-to-geo-raster')).toBe(taskId);
  await taskUntil(target, taskId, ({ status }) => expect(status).toBe('Creating georeferenced file'));
  const cancelledAt = performance.now();
  expect((await ask(target, 'POST', `/api/v1/tasks/${taskId}/cancel`)).status).toBe(200);
  const ended = await until(taskId, 'CANCELLED');
  const took = performance.now() - cancelledAt;
  console.info(`a conversion ended ${Math.round(took)} ms after its cancel`);
  expect(took).toBeLessThan(5000);
  expect(ended).toMatchObject({ result: null, error: null, finished_at: aTime });
  expect((await ask(target, 'GET', `${path}/conversion-status`)).body).toMatchObject({
    ...{ status: 'CANCELLED', object_type: 'raw_file' },
  });
  expect((await ask(target, 'GET', `${path}/download?file=geo_raster`)).status).toBe(404);

  const next = await uploadImage(target, {
    name: 'next.png',
    contentType: 'image/png',
    bytes: gradientPng(64, 64),
  });
  const nextTask = await start(next, 'convert-to-geo-raster');
  expect(nextTask).toEqual(anId);
  await until(nextTask, 'SUCCESS');
  expect((await readTask(target, taskId)).state).toBe('CANCELLED');
});
