import { describe, expect, it } from 'vitest';
import type { RasterFacts } from './raster-facts.ts';
import { cacheFor, requireSingleImage } from './source-raster.ts';

function facts(changes: Partial<RasterFacts> = {}): RasterFacts {
  const { width = 1000, bands = 3 } = changes;
  return {
    ...{
      driver: 'GTiff',
      width,
      height: 1000,
      bands,
      dtype: 'uint8',
      block: { width, height: 1 },
      bits: null,
    },
    ...{ crs: null, hasPlace: false, isGeoreferenced: false, transform: null, bounds: null, subdatasets: [] },
    ...{ overviews: 0, hasNodata: false, hasAlpha: false, hasPalette: false },
    ...changes,
  };
}

describe('an image', () => {
  it('as large as is allowed is taken, with a byte more it is refused', () => {
    const allowed = 1024 * 1024 * 3;
    expect(() => requireSingleImage(facts(), allowed)).not.toThrow();
    expect(() => requireSingleImage(facts(), allowed - 1)).toThrow(
      '1000 × 1000 pixels in 3 bands are 4 MB in tiles',
    );
  });

  it('counts the bytes of its type', () => {
    const allowed = 1024 * 1024 * 3 * 8;
    expect(() => requireSingleImage(facts({ dtype: 'float64' }), allowed - 1)).toThrow('too large');
    expect(() => requireSingleImage(facts({ dtype: 'float64' }), allowed)).not.toThrow();
  });

  it('counts whole tiles, unless it is smaller than one', () => {
    const line = (width: number) => facts({ width, height: 1, bands: 1 });
    expect(() => requireSingleImage(line(512), 512)).not.toThrow();
    expect(() => requireSingleImage(line(513), 1024 * 512 - 1)).toThrow('too large');
    expect(() => requireSingleImage(line(513), 1024 * 512)).not.toThrow();
    expect(() => requireSingleImage(line(100_000_000), 51e9)).toThrow('51201 MB in tiles');
  });

  it('in one strip of more than GDAL can hold is refused', () => {
    const strip = (side: number) =>
      facts({ width: side, height: side, block: { width: side, height: side } });
    expect(() => requireSingleImage(strip(14_000), 1e10)).not.toThrow();
    expect(() => requireSingleImage(strip(15_000), 1e10)).toThrow('blocks of 675 MB, the most is 600 MB');
  });

  it('with one sub-dataset is an image, with two it is not, and without bands neither', () => {
    expect(() => requireSingleImage(facts({ subdatasets: ['the one'] }), 1e9)).not.toThrow();
    expect(() => requireSingleImage(facts({ subdatasets: ['one', 'two'] }), 1e9)).toThrow(
      '2 images (one; two)',
    );
    expect(() => requireSingleImage(facts({ bands: 0 }), 1e9)).toThrow('no image');
  });
});

describe('what GDAL keeps of the decoded pixels', () => {
  it.each([
    ['256 MB for a usual photo', facts(), 256e6],
    ['a row of tiles for a wide one', facts({ width: 200_000 }), 1.25 * 200_000 * 512 * 3],
    [
      'a strip, when the image is one',
      facts({ width: 10_000, block: { width: 10_000, height: 10_000 } }),
      375e6,
    ],
    ['never more than 800 MB', facts({ width: 900_000 }), 800e6],
  ])('is %s', (_, image, bytes) => {
    expect(cacheFor(image)).toBe(bytes);
  });
});
