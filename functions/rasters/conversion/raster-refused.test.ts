import { describe, expect, it } from 'vitest';
import { RasterRefused, tellDiskFull } from './raster-refused.ts';

const gdal = new Error('GDAL: TIFFAppendToStrip:Write error at scanline 4294967295');

describe('a disk that is full ends the task for good', () => {
  it.each([
    ['GDAL’s words, with no room left', gdal, 0],
    ['those of its warp', new Error('GDAL: warped.tif: WriteEncodedTile/Strip() failed.'), 0],
    [
      'libvips’ words',
      new RasterRefused('decoded.tif: write error\nsystem error: No space left on device'),
      1e9,
    ],
    ['Node’s words', new Error('ENOSPC: no space left on device, copyfile'), 1e9],
  ])('%s', (_, error, free) => {
    expect(tellDiskFull(error, free)).toMatchObject({
      ...{ name: 'DiskFull', cause: error, message: expect.stringContaining('disk of the worker is full') },
    });
  });
});

it.each([
  ['a write that fails with room left', gdal, 1e9],
  ['a refused file, whatever room is left', new RasterRefused('GDAL: libpng: Read Error'), 0],
  ['what is no error', 'words', 0],
])('%s stays what it is', (_, error, free) => {
  expect(tellDiskFull(error, free)).toBe(error);
});
