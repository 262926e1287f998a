import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isCog } from './cog-layout.ts';
import { geoTags, numbersOf, readTiff, tiffTag } from './read-tiff.ts';
import { numbers, writeTiffShell } from './write-tiff.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'celeriac-tiff-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function newFile(): string {
  files += 1;
  return join(folder, `${files}.tif`);
}

function write(content: Buffer): string {
  const file = newFile();
  writeFileSync(file, content);
  return file;
}

describe('a TIFF file', () => {
  it('is read as it was written', () => {
    const values = fc.array(fc.nat(65_535), { minLength: 1, maxLength: 20 });
    const tags = fc.constantFrom(...Object.values(tiffTag), ...geoTags);
    const directory = fc.dictionary(tags.map(String), values, { maxKeys: 12 });
    fc.assert(
      fc.property(fc.array(directory, { minLength: 1, maxLength: 4 }), (written) => {
        const file = newFile();
        writeTiffShell(
          file,
          written.map(
            (fields) => new Map(Object.entries(fields).map(([tag, value]) => [Number(tag), numbers(value)])),
          ),
        );
        const read = readTiff(file)?.directories.map((fields) =>
          Object.fromEntries([...fields.keys()].map((tag) => [tag, numbersOf(fields, tag)])),
        );
        expect(read).toEqual(written.map((fields) => ({ ...fields })));
      }),
      { numRuns: 50 },
    );
  });

  /** A BigTIFF file of 60 MB and one directory for each list of tags, all of whose fields are those 60 MB. */
  function bloated(directories: readonly (readonly number[])[]): string {
    const bytes = 60_000_000;
    const content = Buffer.alloc(16 + directories.length * 400);
    content.write('II+\0\b\0\0\0', 'latin1');
    let pointerAt = 8;
    for (const [index, tags] of directories.entries()) {
      const at = 16 + index * 400;
      content.writeBigUInt64LE(BigInt(at), pointerAt);
      content.writeBigUInt64LE(BigInt(tags.length), at);
      for (const [field, tag] of tags.entries()) {
        const entry = at + 8 + field * 20;
        content.writeUInt16LE(tag, entry);
        content.writeUInt16LE(7, entry + 2);
        content.writeBigUInt64LE(BigInt(bytes), entry + 4);
        content.writeBigUInt64LE(16n, entry + 12);
      }
      pointerAt = at + 8 + tags.length * 20;
    }
    const file = write(content);
    truncateSync(file, bytes + 16);
    return file;
  }

  it('is read no further than it is used', () => {
    const unused = Array.from({ length: 18 }, (_, index) => 60_000 + index);
    const before = process.memoryUsage().arrayBuffers;
    const file = readTiff(bloated([unused, unused]));
    expect(file?.directories.map(({ size }) => size)).toEqual([0, 0]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
  });

  it('that gives the same bytes again and again is refused', () => {
    const offsets = [tiffTag.tileOffsets];
    expect(readTiff(bloated([offsets, offsets]))?.directories).toHaveLength(2);
    for (const directories of [Array.from({ length: 5 }, () => offsets), [Array(5).fill(offsets[0])]]) {
      const file = bloated(directories);
      expect(() => readTiff(file)).toThrow(expect.objectContaining({ name: 'RasterRefused' }));
      expect(() => readTiff(file)).toThrow('describes itself in more than 268435456 bytes');
    }
  });

  it('of either byte order says the same', () => {
    const big = Buffer.from('4d4d002a00000008000101000003000000010230000000000000', 'hex');
    const little = Buffer.from('49492a0008000000010000010300010000003002000000000000', 'hex');
    const widths = [big, little].map((bytes) => {
      const [main] = readTiff(write(bytes))?.directories ?? [];
      return main && numbersOf(main, tiffTag.imageWidth);
    });
    expect(widths).toEqual([[560], [560]]);
  });

  it('is told from what is none', () => {
    expect(readTiff(write(Buffer.from('\x89PNG and some more bytes')))).toBeNull();
    expect(readTiff(write(Buffer.from('II')))).toBeNull();
    expect(readTiff(write(Buffer.alloc(0)))).toBeNull();
  });

  it.each([
    ['points to itself', '49492a000800000000000800000000000000', 'do not end'],
    ['points behind its end', '49492a00ffff0000000000000000000000000000', 'it ends before'],
    ['has a field of 4 GB', '49492a0008000000010011010400ffffffff10000000000000000000', 'bytes'],
    ['has too many fields', '49492a0008000000ffff000000000000', '65535 fields'],
  ])('that %s is refused', (_, hex, words) => {
    const file = write(Buffer.from(hex, 'hex'));
    expect(() => readTiff(file)).toThrow(expect.objectContaining({ name: 'RasterRefused' }));
    expect(() => readTiff(file)).toThrow(words);
  });

  it('of any bytes is read, refused or none, and never anything worse', () => {
    const head = fc.constantFrom('49492a00', '4d4d002a', '49492b0008000000', '4d4d002b00080000');
    fc.assert(
      fc.property(head, fc.uint8Array({ minLength: 16, maxLength: 200 }), (start, rest) => {
        const file = write(Buffer.concat([Buffer.from(start, 'hex'), rest]));
        try {
          readTiff(file);
        } catch (error) {
          expect(error).toMatchObject({ name: 'RasterRefused' });
        }
      }),
    );
  });
});

describe('what GDAL notes of its layout', () => {
  const notes =
    'GDAL_STRUCTURAL_METADATA_SIZE=000140 bytes\nLAYOUT=IFDS_BEFORE_DATA\nKNOWN_INCOMPATIBLE_EDITION=NO\n ';
  const main = (width: number) =>
    new Map([
      [tiffTag.imageWidth, numbers([width])],
      [tiffTag.imageLength, numbers([200])],
      [tiffTag.tileOffsets, numbers([500], 'long8')],
      [tiffTag.tileByteCounts, numbers([100], 'long8')],
    ]);
  const overview = new Map([...main(300), [tiffTag.newSubfileType, numbers([1])]]);
  const mask = new Map([...main(300), [tiffTag.newSubfileType, numbers([4])]]);

  it.each([
    ['is believed', { directories: [main(600), overview], notes, size: 600 }, true],
    ['is believed of a small image without overviews', { directories: [main(500)], notes, size: 600 }, true],
    ['is not believed without overviews', { directories: [main(600), mask], notes, size: 600 }, false],
    [
      'is not believed of a file that was cut',
      { directories: [main(600), overview], notes, size: 599 },
      false,
    ],
    ['is not there', { directories: [main(500)], notes: 'II*', size: 600 }, false],
    [
      'was overtaken by an edit',
      { directories: [main(500)], notes: notes.replace('=NO\n ', '=YES\n'), size: 600 },
      false,
    ],
  ])('%s', (_, file, expected) => {
    expect(isCog(file)).toBe(expected);
  });
});
