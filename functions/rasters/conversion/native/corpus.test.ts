import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convertToCog } from '../convert-to-cog.ts';
import { startGdal } from '../gdal.ts';
import type { CogResult } from '../raster-jobs.ts';
import {
  describeNatively,
  makeCorpus,
  type NativeRaster,
  requireNativeGdal,
  translateNatively,
  validateNatively,
} from './native-gdal.ts';

/** Everything is converted once, before the tests; each then looks at one file. */
interface Converted {
  readonly result: CogResult;
  readonly ours: NativeRaster;
  readonly native: NativeRaster;
  readonly faults: { errors: string[]; warnings: string[] };
}

const programFolder = dirname(createRequire(import.meta.url).resolve('gdal3.js/dist/package/gdal3.node.js'));

let folder: string;
const converted = new Map<string, Converted>();
const refused = new Map<string, string>();

beforeAll(async () => {
  await requireNativeGdal();
  folder = await mkdtemp(join(tmpdir(), 'celeriac-corpus-'));
  await makeCorpus(folder);
  const gdal = await startGdal(programFolder);
  const convert = async (input: string) => {
    const attempt = join(folder, 'attempts', input);
    await mkdir(attempt, { recursive: true });
    const conversion = { input: join(folder, input), folder: attempt, maxBytes: 1e9, georeference: null };
    return convertToCog(gdal, conversion, () => undefined);
  };
  const results: [string, CogResult][] = [];
  for (const name of files) results.push([name, await convert(name)]);
  for (const name of await readdir(join(folder, 'refused'))) {
    await convert(join('refused', name)).then(
      () => refused.set(name, 'converted'),
      (error: Error) => refused.set(name, `${error.name}: ${error.message}`),
    );
  }
  // What GDAL notes beside a file is not kept with it.
  for (const [, { file }] of results) await rm(`${file}.aux.xml`, { force: true });
  const made = results.map(([, { file }]) => file);
  const sources = results.map(([name]) => join(folder, name));
  const ours = await describeNatively(made);
  const natives = await translateNatively(sources);
  const faults = await validateNatively(made);
  for (const [index, [name, result]] of results.entries()) {
    converted.set(name, {
      result,
      ours: ours[index] as NativeRaster,
      native: natives[index] as NativeRaster,
      faults: faults[index] as Converted['faults'],
    });
  }
}, 180_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const files = [
  ...['rgb.png', 'grey.png', 'rgba.png', 'grey-alpha.png', 'palette.png', 'one-bit.png', 'grey-16-bit.png'],
  ...['rgb-16-bit.png', 'transparent-colour.png', 'one-pixel.png', 'long-strip.png', 'with-world-file.png'],
  ...['Ünïcode näme (1).v2.final.PNG', 'palette.gif', 'rgb.bmp', 'rgb.webp', 'grey.pgm', 'photo.ntf'],
  ...['rgb.jpg', 'progressive.jpg', 'grey.jpg', 'cmyk.jpg', 'striped.tif', 'tiled-deflate.tif', 'planar.tif'],
  ...[
    'palette.tif',
    'fax.tif',
    'twelve-bit.tif',
    'big-endian.tif',
    'bigtiff.tif',
    'five-bands.tif',
    'int16.tif',
  ],
  ...[
    'int32.tif',
    'uint32.tif',
    'float-nodata.tif',
    'float-nan.tif',
    'float64.tif',
    'complex.tif',
    'rgba.tif',
  ],
  ...['masked.tif', 'cmyk.tif', 'jpeg.tif', 'jpeg-grey-strips.tif', 'jpeg-rgb-planar.tif', 'jpeg-utm.tif'],
  ...['jpeg-rotated.tif', 'jpeg-gcps.tif', 'jpeg-big-endian.tif', 'jpeg-masked-overviews.tif', 'utm.tif'],
  ...['geographic.tif', 'web-mercator.tif', 'rotated.tif', 'point.tif', 'no-crs.tif', 'gcps.tif', 'cog.tif'],
  ...['cog-jpeg.tif', 'utm.img', 'elevation.asc', 'elevation.dt0'],
];

const of = (name: string) => converted.get(name) as Converted;

describe.each(files)('%s', (name) => {
  it('becomes a Cloud-Optimized GeoTIFF with nothing to complain about', () => {
    const { ours, faults, result } = of(name);
    expect(faults).toEqual({ errors: [], warnings: [] });
    expect(ours.layout).toBe('COG');
    if (!result.unchanged) {
      expect(ours.compression).toBe('LZW');
      expect(ours.block).toEqual([512, 512]);
    }
    expect(ours.overviews.length).toBe(Math.max(...ours.size) > 512 ? overviewsOf(ours) : 0);
  });

  it('keeps its pixels, bands, nodata, colours, alpha and mask as native GDAL does', () => {
    const { ours, native, result } = of(name);
    expect(ours.size).toEqual(native.size);
    expect(ours.bands.map(comparable(name))).toEqual(native.bands.map(comparable(name)));
    expect([result.width, result.height, result.bands]).toEqual([...native.size, native.bands.length]);
  });

  it('keeps the place it has, or gets the dummy frame', () => {
    const { ours, native, result } = of(name);
    expect(ours.gcps).toEqual(native.gcps);
    if (native.transform !== null || native.gcps.length > 0) {
      expect(ours.transform).toEqual(native.transform);
      expect(ours.crs).toBe(native.crs);
      expect(ours.area_or_point).toBe(native.area_or_point);
      expect(result.is_georeferenced).toBe(native.crs !== null || native.gcps.length > 0);
      return;
    }
    const metres = 1_000_000 / Math.max(...native.size);
    expect(ours.transform).toEqual([0, metres, 0, native.size[1] * metres, 0, -metres]);
    expect(ours.crs).toContain('AUTHORITY["EPSG","3857"]');
    expect(result).toMatchObject({ crs: 'EPSG:3857', is_georeferenced: false });
  });
});

/** Halved until nothing is longer than a tile. */
function overviewsOf({ size, block }: NativeRaster): number {
  return Math.ceil(Math.log2(Math.max(...size) / block[0]));
}

/** What must be equal; of a black and white PNG, GDAL notes beside the file that black and white are a grey. */
function comparable(name: string) {
  return ({ colour, palette, ...band }: NativeRaster['bands'][number]) =>
    name === 'one-bit.png' ? band : { ...band, colour, palette };
}

describe('predictors', () => {
  it.each([
    ['rgb.png', '2'],
    ['rgb-16-bit.png', '2'],
    ['int32.tif', '2'],
    ['float-nodata.tif', '3'],
    ['float64.tif', '3'],
    ['fax.tif', null],
    ['complex.tif', null],
  ])('%s has %s', (name, predictor) => {
    expect(of(name).ours.predictor).toBe(predictor);
  });
});

describe('a Cloud-Optimized GeoTIFF with a place', () => {
  it.each(['cog.tif', 'cog-jpeg.tif'])('%s is kept as it is', (name) => {
    expect(of(name).result).toMatchObject({ unchanged: true, crs: 'EPSG:32617', is_georeferenced: true });
  });

  it('is all that is kept so', () => {
    const unchanged = files.filter((name) => of(name).result.unchanged);
    expect(unchanged).toEqual(['cog.tif', 'cog-jpeg.tif']);
  });
});

describe('refused', () => {
  it.each([
    ['page.pdf', 'not recognized as a supported file format'],
    ['picture.jp2', 'not recognized as a supported file format'],
    ['letter.png', 'not recognized as a supported file format'],
    ['empty.png', 'not recognized as a supported file format'],
    ['elsewhere.vrt', 'not recognized as a supported file format'],
    ['zstd.tif', 'missing codec ZSTD'],
    ['jpeg-rgba.tif', 'save it with LZW'],
    ['jpeg-four-bands.tif', 'save it with LZW'],
    ['jpeg-infrared.tif', 'save it with LZW'],
    ['pages.tif', 'The file has 2 images (Page 1 (560P x 300L x 3B); Page 2 (300P x 200L x 3B))'],
    ['jpeg-pages.tif', 'The file has 2 images (Page 1; Page 2)'],
    ['cut.png', 'libpng: Read Error'],
    ['cut.jpg', 'Premature end of JPEG file'],
    ['cut-progressive.jpg', 'Premature end of JPEG file'],
    ['cut.tif', 'Read error at scanline'],
    ['cut-lzw.tif', 'Read error at scanline'],
    ['cut-jpeg.tif', 'Read error'],
    ['cut-cog.tif', 'Read error at row'],
    ['cut-header.tif', 'it ends before its directories do'],
    ['cut.gif', 'Perhaps the gif file is corrupt'],
    ['cut.webp', 'WebPDecodeRGBInto() failed'],
    ['cut.bmp', "Can't read from offset"],
  ])('%s, in words that say why: %s', (name, words) => {
    expect(refused.get(name)).toContain(words);
    expect(refused.get(name)).toMatch(/^RasterRefused: /);
    expect(refused.get(name)).not.toContain('/folder-');
  });

  it('is everything in the folder', () => {
    expect([...refused.values()].filter((words) => words === 'converted')).toEqual([]);
    expect(refused.size).toBe(22);
  });
});
