import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { numbersOf, type TiffDirectory, type TiffField, tiffTag } from './read-tiff.ts';

const type = { short: 3, long8: 16 } as const;

/** A field of whole numbers: 16 bits each, or 64. */
export function numbers(values: readonly number[], kind: keyof typeof type = 'short'): TiffField {
  const bytes = Buffer.alloc(values.length * (kind === 'short' ? 2 : 8));
  for (const [index, value] of values.entries()) {
    if (kind === 'short') bytes.writeUInt16LE(value, index * 2);
    else bytes.writeBigUInt64LE(BigInt(value), index * 8);
  }
  return { type: type[kind], count: values.length, bytes };
}

/** Writes a BigTIFF file that has directories and no pixels. */
export function writeTiffShell(path: string, directories: readonly TiffDirectory[]): void {
  const file = openSync(path, 'wx');
  try {
    const header = Buffer.alloc(16);
    header.write('II', 'latin1');
    header.writeUInt16LE(43, 2);
    header.writeUInt16LE(8, 4);
    writeSync(file, header, 0, header.length, 0);
    chain(file, directories);
  } finally {
    closeSync(file);
  }
}

/** Gives a little-endian BigTIFF file these directories instead of its own; its pixels stay where they are. */
export function replaceDirectories(path: string, directories: readonly TiffDirectory[]): void {
  const file = openSync(path, 'r+');
  try {
    chain(file, directories);
  } finally {
    closeSync(file);
  }
}

/** Copies the pixels of an image, as they are, to the end of a BigTIFF file; tells the directory that the image has there. */
export function copyImage(from: string, image: TiffDirectory, to: string): TiffDirectory {
  const tiled = image.has(tiffTag.tileOffsets);
  const offsetTag = tiled ? tiffTag.tileOffsets : tiffTag.stripOffsets;
  const lengths = numbersOf(image, tiled ? tiffTag.tileByteCounts : tiffTag.stripByteCounts);
  const source = openSync(from, 'r');
  const target = openSync(to, 'r+');
  try {
    const offsets = numbersOf(image, offsetTag).map((offset, index) => {
      const bytes = Buffer.alloc(lengths[index] ?? 0);
      readSync(source, bytes, 0, bytes.length, offset);
      const at = end(target);
      writeSync(target, bytes, 0, bytes.length, at);
      // Nothing at offset 0 is how a sparse file says that a tile is empty.
      return bytes.length > 0 ? at : 0;
    });
    return new Map([...image, [offsetTag, numbers(offsets, 'long8')]]);
  } finally {
    closeSync(target);
    closeSync(source);
  }
}

/** Where the next directory goes: they begin on even bytes. */
function end(file: number): number {
  const { size } = fstatSync(file);
  return size + (size % 2);
}

/** Writes directories to the end of a file, each pointing to the next, and points its header to the first. */
function chain(file: number, directories: readonly TiffDirectory[]): void {
  let pointerAt = 8;
  for (const directory of directories) {
    const at = end(file);
    const { bytes, nextAt } = encode(directory, at);
    writeSync(file, bytes, 0, bytes.length, at);
    const pointer = Buffer.alloc(8);
    pointer.writeBigUInt64LE(BigInt(at));
    writeSync(file, pointer, 0, 8, pointerAt);
    pointerAt = nextAt;
  }
}

/** A BigTIFF directory at this place of a file, its longer values behind it, and no directory next. */
function encode(directory: TiffDirectory, at: number): { bytes: Buffer; nextAt: number } {
  const fields = [...directory].sort(([one], [other]) => one - other);
  const length = 8 + fields.length * 20 + 8;
  const head = Buffer.alloc(length);
  head.writeBigUInt64LE(BigInt(fields.length));
  const parts = [head];
  let behind = at + length;
  for (const [index, [tag, { type: kind, count, bytes }]] of fields.entries()) {
    const entry = head.subarray(8 + index * 20);
    entry.writeUInt16LE(tag, 0);
    entry.writeUInt16LE(kind, 2);
    entry.writeBigUInt64LE(BigInt(count), 4);
    if (bytes.length <= 8) bytes.copy(entry, 12);
    else {
      entry.writeBigUInt64LE(BigInt(behind), 12);
      const padded = Buffer.alloc(bytes.length + (bytes.length % 2));
      bytes.copy(padded);
      parts.push(padded);
      behind += padded.length;
    }
  }
  return { bytes: Buffer.concat(parts), nextAt: at + length - 8 };
}
