import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { RasterRefused } from './raster-refused.ts';

/** A field of a TIFF directory: its numeric type and its values, in little-endian order whatever the file's is. */
export interface TiffField {
  readonly type: number;
  readonly count: number;
  readonly bytes: Buffer;
}

/** One image of a TIFF file: those of its fields that are of use here, by their tags. */
export type TiffDirectory = ReadonlyMap<number, TiffField>;

/** What a TIFF file says of itself, before any pixel. */
export interface TiffFile {
  readonly directories: readonly TiffDirectory[];
  /** The first bytes behind the header, where GDAL notes how a Cloud-Optimized GeoTIFF is laid out. */
  readonly notes: string;
  /** Bytes. */
  readonly size: number;
}

/** Tags of TIFF 6.0, by the names they have there. */
export const tiffTag = {
  newSubfileType: 254,
  imageWidth: 256,
  imageLength: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  stripOffsets: 273,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  xResolution: 282,
  yResolution: 283,
  planarConfiguration: 284,
  t4Options: 292,
  t6Options: 293,
  resolutionUnit: 296,
  predictor: 317,
  tileWidth: 322,
  tileLength: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
} as const;

/** GeoTIFF's tags, those of GDAL (metadata and nodata) and RPC: what no image library keeps. */
export const geoTags: readonly number[] = [33550, 33922, 34264, 34735, 34736, 34737, 42112, 42113, 50844];

/** What is read of a directory: what is told or copied of it. */
const readTags: ReadonlySet<number> = new Set([...Object.values(tiffTag), ...geoTags]);

/** Bytes of a value, and the bytes of the units whose order the file's endianness decides, for each type of TIFF. */
const types: Readonly<Record<number, { readonly size: number; readonly unit: number }>> = {
  1: { size: 1, unit: 1 },
  2: { size: 1, unit: 1 },
  3: { size: 2, unit: 2 },
  4: { size: 4, unit: 4 },
  5: { size: 8, unit: 4 },
  6: { size: 1, unit: 1 },
  7: { size: 1, unit: 1 },
  8: { size: 2, unit: 2 },
  9: { size: 4, unit: 4 },
  10: { size: 8, unit: 4 },
  11: { size: 4, unit: 4 },
  12: { size: 8, unit: 8 },
  13: { size: 4, unit: 4 },
  16: { size: 8, unit: 8 },
  17: { size: 8, unit: 8 },
  18: { size: 8, unit: 8 },
};

// Far above what real files have, so that a made-up count cannot ask for all memory.
const most = { directories: 1000, fields: 1000, fieldBytes: 64 * 1024 * 1024, bytes: 256 * 1024 * 1024 };

/**
 * Reads the directories of a TIFF or BigTIFF file, or null when it is none. Throws RasterRefused for one that is damaged.
 * Source: TIFF 6.0 and the BigTIFF design of libtiff.
 */
export function readTiff(path: string): TiffFile | null {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    let left = most.bytes;
    const read = (at: number, length: number) => {
      // Many fields may point to the same bytes, so the file's size bounds nothing.
      if (length > left) throw damaged(`it describes itself in more than ${most.bytes} bytes`);
      left -= length;
      return readExactly(file, at, length, size);
    };
    if (size < 16) return null;
    const header = read(0, 16);
    const little = header.toString('latin1', 0, 2) === 'II';
    if (!little && header.toString('latin1', 0, 2) !== 'MM') return null;
    const version = little ? header.readUInt16LE(2) : header.readUInt16BE(2);
    if (version !== 42 && version !== 43) return null;
    const format = { little, big: version === 43, read };
    const notesAt = format.big ? 16 : 8;
    const notes = read(notesAt, Math.min(400, size - notesAt)).toString('latin1');
    const first = read(format.big ? 8 : 4, format.big ? 8 : 4);
    return { directories: readDirectories(format, number(first, little)), notes, size };
  } finally {
    closeSync(file);
  }
}

/** A number of a field, the first unless told; undefined when there is none. Of whole-numbered types only. */
export function numberOf(directory: TiffDirectory, tag: number, index = 0): number | undefined {
  const field = directory.get(tag);
  if (!field || index >= field.count) return undefined;
  const { size } = types[field.type] ?? { size: 1 };
  return number(field.bytes.subarray(index * size, (index + 1) * size), true);
}

/** The numbers of a field, empty when there is none; of whole-numbered types only. */
export function numbersOf(directory: TiffDirectory, tag: number): number[] {
  const count = directory.get(tag)?.count ?? 0;
  return Array.from({ length: count }, (_, index) => numberOf(directory, tag, index) ?? 0);
}

interface Format {
  readonly little: boolean;
  readonly big: boolean;
  readonly read: (at: number, length: number) => Buffer;
}

function readDirectories(format: Format, first: number): TiffDirectory[] {
  const directories: TiffDirectory[] = [];
  const seen = new Set<number>();
  let at = first;
  while (at !== 0) {
    if (seen.has(at) || directories.length === most.directories) throw damaged('its directories do not end');
    seen.add(at);
    const { directory, next } = readDirectory(format, at);
    directories.push(directory);
    at = next;
  }
  return directories;
}

function readDirectory(format: Format, at: number): { directory: TiffDirectory; next: number } {
  const { little, big, read } = format;
  const [countBytes, entryBytes, offsetBytes] = big ? [8, 20, 8] : [2, 12, 4];
  const count = number(read(at, countBytes), little);
  if (count > most.fields) throw damaged(`a directory has ${count} fields`);
  const entries = read(at + countBytes, count * entryBytes);
  const directory = new Map<number, TiffField>();
  for (let index = 0; index < count; index += 1) {
    const entry = entries.subarray(index * entryBytes, (index + 1) * entryBytes);
    const tag = number(entry.subarray(0, 2), little);
    const type = number(entry.subarray(2, 4), little);
    const values = number(entry.subarray(4, 4 + offsetBytes), little);
    const known = types[type];
    // A reader skips what it does not know, says TIFF.
    if (!known || !readTags.has(tag)) continue;
    const length = values * known.size;
    if (length > most.fieldBytes) throw damaged(`its field ${tag} has ${length} bytes`);
    const place = entry.subarray(4 + offsetBytes);
    const bytes = length <= offsetBytes ? place.subarray(0, length) : read(number(place, little), length);
    directory.set(tag, {
      type,
      count: values,
      bytes: little ? bytes : swapped(bytes, known.unit),
    });
  }
  return { directory, next: number(read(at + countBytes + count * entryBytes, offsetBytes), little) };
}

function swapped(bytes: Buffer, unit: number): Buffer {
  const copy = Buffer.from(bytes);
  if (unit === 2) return copy.swap16();
  if (unit === 4) return copy.swap32();
  return unit === 8 ? copy.swap64() : copy;
}

/** An unsigned number of as many bytes as there are. */
function number(bytes: Buffer, little: boolean): number {
  if (bytes.length === 8) return Number(little ? bytes.readBigUInt64LE() : bytes.readBigUInt64BE());
  return little ? bytes.readUIntLE(0, bytes.length) : bytes.readUIntBE(0, bytes.length);
}

function readExactly(file: number, at: number, length: number, size: number): Buffer {
  if (at + length > size) throw damaged('it ends before its directories do');
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, at);
  return bytes;
}

function damaged(how: string): RasterRefused {
  return new RasterRefused(`The TIFF file is damaged: ${how}`);
}
