import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convertToCog } from '../convert-to-cog.ts';
import { type Gdal, startGdal } from '../gdal.ts';
import type { Georeference } from '../georeference.ts';
import { convert } from '../run-raster-job.ts';
import { warpToWebMercator } from '../warp-to-web-mercator.ts';
import {
  describeNatively,
  makeCorpus,
  type NativeRaster,
  requireNativeGdal,
  validateNatively,
  warpNatively,
} from './native-gdal.ts';

const programFolder = dirname(createRequire(import.meta.url).resolve('gdal3.js/dist/package/gdal3.node.js'));
const maxBytes = 1e8;

let folder: string;
let gdal: Gdal;
beforeAll(async () => {
  await requireNativeGdal();
  folder = await mkdtemp(join(tmpdir(), 'celeriac-placing-'));
  await makeCorpus(folder);
  gdal = await startGdal(programFolder);
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

let attempts = 0;
async function attempt(): Promise<string> {
  attempts += 1;
  const made = join(folder, `attempt-${attempts}`);
  await mkdir(made);
  return made;
}

async function place(name: string, georeference: Georeference) {
  const conversion = { input: join(folder, name), folder: await attempt(), maxBytes, georeference };
  const result = await convertToCog(gdal, conversion, () => undefined);
  const [[ours], [original], [faults]] = await Promise.all([
    describeNatively([result.file]),
    describeNatively([join(folder, name)]),
    validateNatively([result.file]),
  ]);
  expect(faults).toEqual({ errors: [], warnings: [] });
  return { result, ours: ours as NativeRaster, original: original as NativeRaster };
}

const checksums = ({ bands }: NativeRaster) => bands.map(({ checksum }) => checksum);

/** The four corners of the 560 × 300 pixels of the corpus, in degrees. */
const corners = [
  { image_x: 0, image_y: 0, world_x: 10, world_y: 50.3 },
  { image_x: 560, image_y: 0, world_x: 10.56, world_y: 50.4 },
  { image_x: 560, image_y: 300, world_x: 10.5, world_y: 50.1 },
  { image_x: 0, image_y: 300, world_x: 9.94, world_y: 50 },
];

describe('a place told beside the file', () => {
  it('by bounds is the image’s, with its pixels as they were', async () => {
    const { result, ours, original } = await place('rgb.png', {
      crs: 'EPSG:32617',
      bounds: [500_000, 4_000_000, 500_560, 4_000_600],
    });
    expect(ours.transform).toEqual([500_000, 1, 0, 4_000_600, 0, -2]);
    expect(checksums(ours)).toEqual(checksums(original));
    expect(result).toMatchObject({
      ...{ crs: 'EPSG:32617', is_georeferenced: true, unchanged: false },
      bounds: [500_000, 4_000_000, 500_560, 4_000_600],
    });
  });

  it('by a world file is what native GDAL reads from the same world file', async () => {
    const { ours } = await place('rgb.png', {
      crs: 'EPSG:32617',
      world_file: [0.5, 0, 0, -0.5, 500_000.25, 4_499_999.75],
    });
    const [native] = await describeNatively([join(folder, 'with-world-file.png')]);
    expect(ours.transform).toEqual(native?.transform);
  });

  it('by control points is their affine fit, without the control points that the file had', async () => {
    const { result, ours } = await place('gcps.tif', { crs: 'EPSG:4326', gcps: corners });
    expect(ours.gcps).toEqual([]);
    expect(ours.transform?.map((value) => Math.round(value * 1e9) / 1e9)).toEqual([
      ...[10, 0.001, -0.0002, 50.3, 0.000178571, -0.001],
    ]);
    expect(result).toMatchObject({ crs: 'EPSG:4326', is_georeferenced: true });
  });

  it('outranks the one that the file has, even that of a Cloud-Optimized GeoTIFF', async () => {
    const bounds: [number, number, number, number] = [0, 0, 560, 300];
    for (const name of ['utm.tif', 'cog.tif', 'jpeg-utm.tif']) {
      const { result, ours, original } = await place(name, { crs: 'EPSG:3857', bounds });
      expect(ours.transform).toEqual([0, 1, 0, 300, 0, -1]);
      expect(checksums(ours)).toEqual(checksums(original));
      expect(result.unchanged).toBe(false);
    }
  });

  it('in a CRS that nobody knows is refused', async () => {
    await expect(place('rgb.png', { crs: 'EPSG:999999', bounds: [0, 0, 1, 1] })).rejects.toMatchObject({
      ...{ name: 'RasterRefused', message: expect.stringContaining('EPSG:999999') },
    });
  });
});

describe('the thread as it is deployed', () => {
  it('decodes a JPEG-compressed TIFF by sharp’s WebAssembly, to native GDAL’s pixels', async () => {
    const bundle = await attempt();
    const bundler = fileURLToPath(new URL('../../../../cdk/bundle-raster-thread.ts', import.meta.url));
    await promisify(execFile)(process.execPath, [bundler, bundle]);
    const thread = join(bundle, 'raster-thread.js');
    // No other build of it can be loaded from here.
    expect(/@img\/[\w-]+\/sharp\.node/.test(await readFile(thread, 'utf8'))).toBe(false);
    const input = join(folder, 'jpeg-utm.tif');
    const job = { input, folder: await attempt(), maxBytes, georeference: null };
    const { file } = await convert(job, { thread, signal: new AbortController().signal });
    const [ours, native] = await describeNatively([file, input]);
    expect(checksums(ours as NativeRaster)).toEqual(checksums(native as NativeRaster));
    expect(ours?.transform).toEqual(native?.transform);
    expect(ours?.crs).toBe(native?.crs);
  });
});

describe('an image fitted to control points', () => {
  async function warp(name: string, points = corners) {
    const warping = { input: join(folder, name), folder: await attempt(), maxBytes };
    const result = await warpToWebMercator(
      gdal,
      { ...warping, control_points: points, control_points_srs: 'EPSG:4326' },
      () => undefined,
    );
    const [ours] = await describeNatively([result.file]);
    const [faults] = await validateNatively([result.file]);
    expect(faults).toEqual({ errors: [], warnings: [] });
    return { result, ours: ours as NativeRaster };
  }

  it.each([
    ['rgb.png', 255, ['Red', 'Green', 'Blue', 'Alpha'], true],
    ['grey.png', 255, ['Gray', 'Alpha'], true],
    ['rgba.png', 255, ['Red', 'Green', 'Blue', 'Alpha'], false],
    ['palette.png', 7, ['Palette', 'Alpha'], true],
    ['one-bit.png', 1, ['Gray', 'Alpha'], true],
    ['grey-16-bit.png', 65_535, ['Gray', 'Alpha'], true],
    ['float-nodata.tif', 3000, ['Gray'], false],
    ['jpeg.tif', 255, ['Red', 'Green', 'Blue', 'Alpha'], true],
  ])('%s is where and what native gdalwarp makes of it', async (name, range, colours, addsAlpha) => {
    const { result, ours } = await warp(name);
    const near = ['palette.png', 'one-bit.png'].includes(name);
    const native = await warpNatively({
      file: join(folder, name),
      points: corners,
      near,
      addsAlpha,
      ours: result.file,
    });
    expect(ours.size).toEqual(native.size);
    expect(ours.bands.map(({ colour }) => colour)).toEqual(colours);
    for (const [index, value] of ours.transform?.entries() ?? []) {
      expect(value).toBeCloseTo(native.transform?.[index] as number, 5);
    }
    // Between pixels both may be an eighth of a pixel off, GDAL's own tolerance.
    expect(native.difference).toBeLessThan(near ? 1e-9 : 0.02 * range);
    expect(result).toMatchObject({ crs: 'EPSG:3857', is_georeferenced: true, unchanged: false });
  });

  it('would be refused before it is made, if it became too large: a strip turned by 45°', async () => {
    const strip = [
      { image_x: 0, image_y: 0, world_x: 0, world_y: 0 },
      { image_x: 5000, image_y: 0, world_x: 1, world_y: 1 },
      { image_x: 0, image_y: 3, world_x: 0.0006, world_y: -0.0006 },
    ];
    const warping = { input: join(folder, 'long-strip.png'), folder: await attempt(), maxBytes: 1e6 };
    const made = warpToWebMercator(
      gdal,
      { ...warping, control_points: strip, control_points_srs: 'EPSG:4326' },
      () => undefined,
    );
    await expect(made).rejects.toMatchObject({
      name: 'RasterRefused',
      message: expect.stringContaining('too large'),
    });
  });
});
