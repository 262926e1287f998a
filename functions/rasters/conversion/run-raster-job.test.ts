import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { crc32, deflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { numberOf, numbersOf, readTiff, tiffTag } from './read-tiff.ts';
import { convert, probe, type RasterRun, warp } from './run-raster-job.ts';
import { numbers, writeTiffShell } from './write-tiff.ts';

let folder: string;
let thread: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'celeriac-rasters-'));
  thread = join(folder, 'raster-thread.js');
  // As it is deployed: CDK runs the same program.
  const bundler = fileURLToPath(new URL('../../../cdk/bundle-raster-thread.ts', import.meta.url));
  await promisify(execFile)(process.execPath, [bundler, folder]);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

let attempt: string;
beforeEach(async () => {
  attempt = await mkdtemp(join(folder, 'attempt-'));
});

const never = new AbortController().signal;
const maxBytes = 1e8;

async function upload(name: string, content: Buffer): Promise<string> {
  const file = join(await mkdtemp(join(folder, 'upload-')), name);
  await writeFile(file, content);
  return file;
}

/** An image of one colour. */
function png(width: number, height: number): Buffer {
  const image = new PNG({ width, height });
  image.data.fill(200);
  return PNG.sync.write(image);
}

/** A PNG file of some hundred bytes that says it has this many pixels a side. */
function bomb(side: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const framed = Buffer.alloc(body.length + 8);
    framed.writeUInt32BE(data.length);
    body.copy(framed, 4);
    framed.writeUInt32BE(crc32(body), body.length + 4);
    return framed;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const pixels = chunk('IDAT', deflateSync(Buffer.alloc(100)));
  return Buffer.concat([signature, chunk('IHDR', header), pixels, chunk('IEND', Buffer.alloc(0))]);
}

/** A TIFF file of one strip without bytes that says it has this many pixels, compressed in this way. */
async function sparseTiff(
  name: string,
  [width, height]: [number, number],
  compression: number,
): Promise<string> {
  const file = join(await mkdtemp(join(folder, 'upload-')), name);
  writeTiffShell(file, [
    new Map([
      [tiffTag.imageWidth, numbers([width], 'long8')],
      [tiffTag.imageLength, numbers([height], 'long8')],
      [tiffTag.bitsPerSample, numbers([8])],
      [tiffTag.compression, numbers([compression])],
      [tiffTag.photometric, numbers([1])],
      [tiffTag.samplesPerPixel, numbers([1])],
      [tiffTag.rowsPerStrip, numbers([1])],
      [tiffTag.stripOffsets, numbers([0], 'long8')],
      [tiffTag.stripByteCounts, numbers([0], 'long8')],
    ]),
  ]);
  return file;
}

const lzw = 5;
const jpeg = 7;

const run = (changes: Partial<RasterRun> = {}): RasterRun => ({ thread, signal: never, ...changes });

describe('a conversion', () => {
  it('tells its stages and leaves one file', async () => {
    const told: [number, string][] = [];
    const input = await upload('photo of 2026.png', png(600, 400));
    const job = { input, folder: attempt, maxBytes, georeference: null };
    const result = await convert(job, run({ progress: (...words) => void told.push(words) }));
    expect(told).toEqual([
      [10, 'Loading file'],
      [20, 'Analyzing file'],
      [40, 'Creating georeferenced file'],
    ]);
    expect(result).toMatchObject({
      ...{ file: join(attempt, 'geo-raster.tif'), width: 600, height: 400, bands: 4, dtype: 'uint8' },
      ...{ crs: 'EPSG:3857', is_georeferenced: false, unchanged: false },
    });
    expect(await readdir(attempt)).toEqual(['geo-raster.tif']);
    expect((await readFile(result.file)).length).toBe(result.size);
  });

  it('of a result changes nothing: the dummy frame is known again', async () => {
    const input = await upload('a.png', png(10, 10));
    const first = await convert({ input, folder: attempt, maxBytes, georeference: null }, run());
    expect(await probe({ input: first.file, folder: attempt }, run())).toMatchObject({
      ...{ driver: 'GTiff', crs: 'EPSG:3857', is_georeferenced: false, is_cog: true },
    });
    const again = await mkdtemp(join(folder, 'attempt-'));
    const second = await convert({ input: first.file, folder: again, maxBytes, georeference: null }, run());
    expect(second).toMatchObject({ unchanged: true, is_georeferenced: false });
    expect(await readFile(second.file)).toEqual(await readFile(first.file));
  });

  it.each([
    ['image', (kind: number) => (kind & 1) === 0],
    ['overviews', (kind: number) => (kind & 1) === 1],
  ])('of a result whose %s cannot be read is refused, not kept', async (_, isBroken) => {
    const input = await upload('a.png', png(600, 400));
    const { file } = await convert({ input, folder: attempt, maxBytes, georeference: null }, run());
    const content = await readFile(file);
    for (const directory of readTiff(file)?.directories ?? []) {
      if (!isBroken(numberOf(directory, tiffTag.newSubfileType) ?? 0)) continue;
      const lengths = numbersOf(directory, tiffTag.tileByteCounts);
      for (const [tile, offset] of numbersOf(directory, tiffTag.tileOffsets).entries()) {
        content.fill(0, offset, offset + (lengths[tile] ?? 0));
      }
    }
    const again = await mkdtemp(join(folder, 'attempt-'));
    const job = { input: await upload('b.tif', content), folder: again, maxBytes, georeference: null };
    await expect(convert(job, run())).rejects.toMatchObject({
      ...{ name: 'RasterRefused', message: expect.stringMatching(/^GDAL: .*Using code not yet in table/) },
    });
    expect(await readdir(again)).toEqual([]);
  });

  it('of a result is refused when it is larger than is allowed', async () => {
    const input = await upload('a.png', png(600, 400));
    const { file } = await convert({ input, folder: attempt, maxBytes, georeference: null }, run());
    const again = await mkdtemp(join(folder, 'attempt-'));
    const job = { input: file, folder: again, maxBytes: 1e6, georeference: null };
    await expect(convert(job, run())).rejects.toThrow('600 × 400 pixels in 4 bands are 3 MB in tiles');
  });

  it('of a line of pixels counts the tiles that it would fill', async () => {
    const input = await sparseTiff('line.tif', [100_000_000, 1], lzw);
    const job = { input, folder: attempt, maxBytes: 1e9, georeference: null };
    await expect(convert(job, run())).rejects.toMatchObject({
      ...{ name: 'RasterRefused', message: expect.stringContaining('in 1 bands are 51201 MB in tiles') },
    });
  });

  it('of more pixels than can be told is refused, and so is their probe', async () => {
    const input = await sparseTiff('jpeg.tif', [4_294_967_295, 4_294_967_295], jpeg);
    const words = 'The image is too large: 4294967295 × 4294967295 pixels';
    const job = { input, folder: attempt };
    const refusal = { name: 'RasterRefused', message: words };
    await expect(convert({ ...job, maxBytes, georeference: null }, run())).rejects.toMatchObject(refusal);
    await expect(probe(job, run())).rejects.toMatchObject(refusal);
    expect(await readdir(attempt)).toEqual([]);
  });

  it('that is cancelled ends at once and leaves nothing', async () => {
    const input = await upload('large.png', png(6000, 6000));
    const abort = new AbortController();
    const reason = new Error('cancelled');
    let aborted = 0;
    const progress = (percent: number) => {
      if (percent !== 40) return;
      aborted = performance.now();
      abort.abort(reason);
    };
    const job = { input, folder: attempt, maxBytes: 1e9, georeference: null };
    await expect(convert(job, run({ signal: abort.signal, progress }))).rejects.toBe(reason);
    expect(aborted).toBeGreaterThan(0);
    expect(performance.now() - aborted).toBeLessThan(2000);
    expect(await readdir(attempt)).toEqual([]);
  });

  it.each([
    [
      'is no image',
      'letter.png',
      Buffer.from('Dear Sir or Madam'),
      'not recognized as a supported file format',
    ],
    ['is empty', 'empty.tif', Buffer.alloc(0), 'not recognized as a supported file format'],
    ['ends in the middle', 'cut.png', png(600, 400).subarray(0, 600), 'GDAL: libpng'],
    [
      'claims more pixels than are allowed',
      'bomb.png',
      bomb(100_000),
      '100000 × 100000 pixels in 3 bands are 30212 MB in tiles',
    ],
  ])('of a file that %s is refused and leaves nothing', async (_, name, content, words) => {
    const job = { input: await upload(name, content), folder: attempt, maxBytes, georeference: null };
    await expect(convert(job, run())).rejects.toMatchObject({
      ...{ name: 'RasterRefused', message: expect.stringContaining(words) },
    });
    expect(await readdir(attempt)).toEqual([]);
  });
});

describe('a probe', () => {
  it('tells what the header tells, of any size, and leaves nothing', async () => {
    const input = await upload('bomb.png', bomb(100_000));
    expect(await probe({ input, folder: attempt }, run())).toEqual({
      ...{ driver: 'PNG', width: 100_000, height: 100_000, bands: 3, dtype: 'uint8', crs: null },
      ...{ is_georeferenced: false, subdatasets: [], is_cog: false },
    });
    expect(await readdir(attempt)).toEqual([]);
  });
});

describe('a warp', () => {
  it('counts the tiles of what it would make', async () => {
    const input = await upload('plan.png', png(500, 500));
    // Stretched, it becomes wider than a tile.
    const control_points = [
      { image_x: 0, image_y: 0, world_x: 0, world_y: 0 },
      { image_x: 500, image_y: 0, world_x: 1, world_y: 0 },
      { image_x: 0, image_y: 500, world_x: 0, world_y: -0.1 },
    ];
    const job = { input, folder: attempt, maxBytes: 1.5e6, control_points, control_points_srs: 'EPSG:4326' };
    await expect(warp(job, run())).rejects.toThrow(
      /^The image is too large: 7\d\d × 7\d pixels in 4 bands are 3 MB in tiles, the most is 2 MB/,
    );
    expect(await readdir(attempt)).toEqual([]);
  });

  it('puts the image on the map and leaves one file', async () => {
    const input = await upload('plan.png', png(300, 200));
    const control_points = [
      { image_x: 0, image_y: 0, world_x: 10, world_y: 50 },
      { image_x: 300, image_y: 0, world_x: 10.3, world_y: 50.1 },
      { image_x: 0, image_y: 200, world_x: 10.1, world_y: 49.8 },
    ];
    const job = { input, folder: attempt, maxBytes, control_points, control_points_srs: 'EPSG:4326' };
    const result = await warp(job, run());
    expect(result).toMatchObject({ bands: 4, crs: 'EPSG:3857', is_georeferenced: true });
    expect(await readdir(attempt)).toEqual(['geo-raster.tif']);
  });
});
