import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isCog } from './cog-layout.ts';
import { countPages, decodeJpegTiff, isJpegTiff, writeShellOf } from './decode-tiff.ts';
import type { Dataset, Gdal } from './gdal.ts';
import { type RasterFacts, readFacts } from './raster-facts.ts';
import { RasterRefused } from './raster-refused.ts';
import { readTiff, type TiffFile } from './read-tiff.ts';

/** A file that GDAL could make sense of; no pixel of it has been read. */
export interface SourceRaster {
  readonly facts: RasterFacts;
  /** Whether it is a Cloud-Optimized GeoTIFF already. */
  readonly isCog: boolean;
  /** Where GDAL sees the attempt's folder. */
  readonly out: string;
  /** Opens it for its pixels; a JPEG-compressed TIFF is decoded into the attempt's folder first. */
  readonly openPixels: () => Promise<Dataset>;
  /** Reads all of its pixels and overviews once, to find out whether that can be done; leaves nothing. */
  readonly readPixels: () => Promise<void>;
}

const names = { shell: 'shell.tif', decoded: 'decoded.tif', copy: 'copy' } as const;

/**
 * Opens a file as far as its header. Throws RasterRefused, mostly in GDAL's words.
 *
 * @param input the file, in a folder of which GDAL may see everything
 * @param folder of this attempt
 */
export function openSource(gdal: Gdal, input: string, folder: string): SourceRaster {
  const file = `${gdal.show(dirname(input))}/${basename(input)}`;
  const out = gdal.show(folder);
  const tiff = readTiff(input);
  const isJpeg = tiff !== null && isJpegTiff(tiff);
  if (isJpeg) writeShellOf(tiff, join(folder, names.shell));
  const facts = factsOf(gdal, isJpeg ? `${out}/${names.shell}` : file);
  const openPixels = async () => {
    gdal.keepAtMost(cacheFor(facts));
    if (!isJpeg) return gdal.open(file);
    await decodeJpegTiff(input, tiff, join(folder, names.decoded));
    return gdal.open(`${out}/${names.decoded}`);
  };
  return {
    facts: isJpeg ? { ...facts, subdatasets: pagesOf(tiff) } : facts,
    out,
    isCog: tiff !== null && isCog(tiff),
    openPixels,
    async readPixels() {
      const pixels = await openPixels();
      if (!isJpeg) copyAway(gdal, pixels, facts.overviews, { out, folder });
      gdal.close(pixels);
      await removeDecoded(folder);
    },
  };
}

/** Makes room, once the pixels of a JPEG-compressed TIFF are closed; does nothing after any other. */
export async function removeDecoded(folder: string): Promise<void> {
  await rm(join(folder, names.decoded), { force: true });
}

/** Copies an image and each of its overviews to a file that goes at once: this reads every band in one pass. */
function copyAway(
  gdal: Gdal,
  pixels: Dataset,
  overviews: number,
  { out, folder }: { readonly out: string; readonly folder: string },
): void {
  const levels = ['NONE', ...Array.from({ length: overviews }, (_, index) => String(index))];
  for (const level of levels) {
    // GDAL's file system remembers a file that went: each has a name of its own.
    const copy = `${names.copy}-${level}.tif`;
    gdal.close(
      gdal.translate(pixels, `${out}/${copy}`, [
        ...['-of', 'GTiff', '-co', 'TILED=YES', '-co', 'BIGTIFF=IF_SAFER', '-ovr', level],
      ]),
    );
    // Masks may lie beside it.
    for (const name of [copy, `${copy}.msk`]) rmSync(join(folder, name), { force: true });
  }
}

/** The facts of a file that GDAL can open. */
export function factsOf(gdal: Gdal, path: string): RasterFacts {
  const dataset = gdal.open(path);
  try {
    return readFacts(gdal.info(dataset));
  } finally {
    gdal.close(dataset);
  }
}

function pagesOf(tiff: TiffFile): string[] {
  const pages = countPages(tiff);
  return pages > 1 ? Array.from({ length: pages }, (_, index) => `Page ${index + 1}`) : [];
}

const bytesOf: Readonly<Record<string, number>> = {
  ...{ uint8: 1, int8: 1, uint16: 2, int16: 2, uint32: 4, int32: 4, uint64: 8, int64: 8 },
  ...{ float32: 4, float64: 8, complex_int16: 4, complex_int32: 8, complex64: 8, complex128: 16 },
};

const cache = { least: 256e6, most: 800e6 };
/** GDAL has 2 GB, and holds such a block twice. */
const largestBlock = 600e6;
/** Pixels a side of the result's tiles. */
const tileSide = 512;

/**
 * How many bytes of decoded pixels to keep: the rows of one row of tiles. With less, each tile would decode them again,
 * and a PNG from its first row on.
 */
export function cacheFor(facts: RasterFacts): number {
  const rows = Math.max(tileSide, facts.block.height);
  const needed = 1.25 * facts.width * rows * pixelBytes(facts);
  return Math.round(Math.min(cache.most, Math.max(cache.least, needed)));
}

function pixelBytes({ bands, dtype }: RasterFacts): number {
  return bands * (bytesOf[dtype ?? ''] ?? 16);
}

/** Bytes of all tiles of the result, decoded: those at its edges are filled up, so a line of pixels takes 512 of them. */
function tiledBytes(facts: RasterFacts): number {
  const { width, height } = facts;
  const isOneTile = Math.max(width, height) <= tileSide;
  const [across, down] = isOneTile ? [width, height] : [fillUp(width), fillUp(height)];
  return across * down * pixelBytes(facts);
}

function fillUp(side: number): number {
  return Math.ceil(side / tileSide) * tileSide;
}

/**
 * Refuses what is no single image, or what would take more than `maxBytes` when decoded, in tiles: a few bytes of a file
 * can claim any number of pixels.
 */
export function requireSingleImage(facts: RasterFacts, maxBytes: number): void {
  const { width, height, bands, block, subdatasets } = facts;
  if (subdatasets.length > 1) {
    const some = subdatasets.slice(0, 3).join('; ');
    throw new RasterRefused(
      `The file has ${subdatasets.length} images (${some}${subdatasets.length > 3 ? '; …' : ''}): upload one by one`,
    );
  }
  if (bands === 0) throw new RasterRefused('The file has no image that could be converted');
  const bytes = tiledBytes(facts);
  if (bytes > maxBytes) {
    throw new RasterRefused(
      `The image is too large: ${width} × ${height} pixels in ${bands} bands are ${megabytes(bytes)} MB in tiles, the most is ${megabytes(maxBytes)} MB`,
    );
  }
  const blockBytes = block.width * block.height * pixelBytes(facts);
  if (blockBytes > largestBlock) {
    throw new RasterRefused(
      `The image is stored in blocks of ${megabytes(blockBytes)} MB, the most is ${megabytes(largestBlock)} MB: save it with tiles or smaller strips`,
    );
  }
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}
