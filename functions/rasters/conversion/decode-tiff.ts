import { RasterRefused } from './raster-refused.ts';
import { geoTags, numberOf, readTiff, type TiffDirectory, type TiffFile, tiffTag } from './read-tiff.ts';
import { copyImage, numbers, replaceDirectories, writeTiffShell } from './write-tiff.ts';

const jpeg = 7;
const photometric = { whiteIsZero: 0, rgb: 2, ycbcr: 6 } as const;
/** The tile of a shell: any size is good for tiles that are not there. */
const tileSide = 512;

/** Tiles of a shell, 16 bytes each: far more than anything has that can be converted. */
const mostTiles = 1_000_000;

/** Whether a TIFF file's pixels are JPEG, which this build of GDAL can read in files of their own only. */
export function isJpegTiff(file: TiffFile): boolean {
  const [main] = file.directories;
  return main !== undefined && numberOf(main, tiffTag.compression) === jpeg;
}

/** How many images a TIFF file has that are neither overviews nor masks of another. */
export function countPages({ directories }: TiffFile): number {
  return directories.filter((directory) => (subfileType(directory) & 0b101) === 0).length;
}

/**
 * Writes a file without pixels that has a TIFF image's size, bands and place, so that GDAL can tell them. Throws
 * RasterRefused when it says that it has more than some 260 billion pixels.
 */
export function writeShellOf(file: TiffFile, target: string): void {
  const main = mainOf(file);
  const [width = 0, height = 0] = sizeOf(main);
  const samples = numberOf(main, tiffTag.samplesPerPixel) ?? 1;
  const colours = numberOf(main, tiffTag.photometric) ?? 1;
  const tiles = Math.ceil(width / tileSide) * Math.ceil(height / tileSide);
  if (tiles > mostTiles) throw new RasterRefused(`The image is too large: ${width} × ${height} pixels`);
  const absent = numbers(new Array<number>(tiles).fill(0), 'long8');
  const keep = [
    ...[tiffTag.imageWidth, tiffTag.imageLength, tiffTag.bitsPerSample, tiffTag.samplesPerPixel],
    ...[tiffTag.extraSamples, tiffTag.sampleFormat, ...geoTags],
  ];
  writeTiffShell(target, [
    new Map([
      ...pick(main, keep),
      [tiffTag.compression, numbers([1])],
      [tiffTag.photometric, numbers([colours === photometric.ycbcr ? photometric.rgb : colours])],
      [tiffTag.samplesPerPixel, numbers([samples])],
      [tiffTag.planarConfiguration, numbers([1])],
      [tiffTag.tileWidth, numbers([tileSide])],
      [tiffTag.tileLength, numbers([tileSide])],
      [tiffTag.tileOffsets, absent],
      [tiffTag.tileByteCounts, absent],
    ]),
  ]);
}

/**
 * Writes a JPEG TIFF image's pixels to an uncompressed TIFF file, with the place, nodata, metadata and mask that it has.
 * Throws RasterRefused when the image cannot be decoded.
 */
export async function decodeJpegTiff(source: string, file: TiffFile, target: string): Promise<void> {
  const main = mainOf(file);
  await decodePixels(source, main, target);
  const decoded = readTiff(target)?.directories[0];
  if (!decoded) throw new Error('the decoded image is no TIFF file');
  const masks = file.directories
    .filter((directory) => (subfileType(directory) & 0b101) === 0b100 && isSameSize(directory, main))
    .map((mask) => copyImage(source, mask, target));
  replaceDirectories(target, [
    new Map([...decoded, ...pick(main, [tiffTag.extraSamples, ...geoTags])]),
    ...masks,
  ]);
}

async function decodePixels(source: string, main: TiffDirectory, target: string): Promise<void> {
  const samples = numberOf(main, tiffTag.samplesPerPixel) ?? 1;
  const colours = numberOf(main, tiffTag.photometric) ?? 1;
  // What libvips decodes: four bands it would refuse tile by tile, and white as zero it would turn round.
  if (![1, 3].includes(samples) || colours === photometric.whiteIsZero) {
    throw new RasterRefused(
      'JPEG-compressed TIFF is read with 1 or 3 bands only, black as zero: save it with LZW compression',
    );
  }
  // Loaded when it is needed, which is rarely.
  const { default: sharp } = await import('sharp');
  const image = sharp(source, {
    // The pixels are wanted as they are, not as a screen should show them.
    ignoreIcc: true,
    limitInputPixels: false,
    unlimited: true,
    sequentialRead: true,
    failOn: 'truncated',
  });
  try {
    const { channels } = await image
      .toColourspace(samples === 1 ? 'b-w' : 'srgb')
      // It heeds bigtiff only when it compresses, and this is the quickest way to do so.
      .tiff({ compression: 'packbits', bigtiff: true, tile: true, tileWidth: 512, tileHeight: 512 })
      .toFile(target);
    if (channels !== samples) throw new Error(`${samples} bands became ${channels}`);
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new RasterRefused(`The JPEG-compressed TIFF cannot be read: ${words}`, { cause });
  }
}

function mainOf({ directories: [main] }: TiffFile): TiffDirectory {
  if (!main) throw new RasterRefused('The TIFF file has no image');
  return main;
}

function pick(directory: TiffDirectory, tags: readonly number[]) {
  return [...directory].filter(([tag]) => tags.includes(tag));
}

function subfileType(directory: TiffDirectory): number {
  return numberOf(directory, tiffTag.newSubfileType) ?? 0;
}

function sizeOf(directory: TiffDirectory): readonly number[] {
  return [tiffTag.imageWidth, tiffTag.imageLength].map((tag) => numberOf(directory, tag) ?? 0);
}

function isSameSize(one: TiffDirectory, other: TiffDirectory): boolean {
  return String(sizeOf(one)) === String(sizeOf(other));
}
