import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeElevation, MERCATOR_LIMIT, pixelOf } from './terrain-tile.ts';

const latitudes = fc.double({ min: -90, max: 90, noNaN: true });
const longitudes = fc.double({ min: -180, max: 180, noNaN: true });
const zooms = fc.integer({ min: 0, max: 15 });

describe('pixelOf', () => {
  // The two places: reckoned apart, in Python, with the formula by ln(tan + sec) of the same wiki page.
  it.each([
    ['Null Island', 0, 0, 14, { x: 8192, y: 8192, column: 0, row: 0 }],
    ['Omaha', 41.2565, -95.9345, 14, { x: 3825, y: 6127, column: 234, row: 74 }],
    ['Mount Everest', 27.988119, 86.925018, 14, { x: 12148, y: 6864, column: 13, row: 82 }],
    ['the north pole', 90, 0, 14, { y: 0, row: 0 }],
    ['the south pole', -90, 0, 14, { y: 16_383, row: 255 }],
    ['just west of the antimeridian', 0, 179.99999, 14, { x: 16_383, column: 255 }],
    ['the antimeridian from the west', 0, 180, 14, { x: 0, column: 0 }],
    ['the antimeridian from the east', 0, -180, 14, { x: 0, column: 0 }],
    ['the whole world', 0, 0, 0, { x: 0, y: 0, column: 128, row: 128 }],
  ])('finds %s', (_, latitude, longitude, zoom, expected) => {
    expect(pixelOf({ latitude, longitude }, zoom)).toMatchObject(expected);
  });

  it('ends the map at 85.0511 degrees', () => {
    expect(MERCATOR_LIMIT).toBeCloseTo(85.0511287798, 9);
  });

  it('gives a pixel that exists, for every point and zoom', () => {
    fc.assert(
      fc.property(latitudes, longitudes, zooms, (latitude, longitude, zoom) => {
        const { x, y, column, row } = pixelOf({ latitude, longitude }, zoom);
        const exists = (value: number, below: number) =>
          Number.isInteger(value) && value >= 0 && value < below;
        return [x, y].every((v) => exists(v, 2 ** zoom)) && [column, row].every((v) => exists(v, 256));
      }),
    );
  });

  it('gives the pixel whose bounds hold the point', () => {
    const inside = fc.double({ min: -MERCATOR_LIMIT, max: MERCATOR_LIMIT, noNaN: true });
    fc.assert(
      fc.property(inside, longitudes, zooms, (latitude, longitude, zoom) => {
        const { x, y, column, row } = pixelOf({ latitude, longitude }, zoom);
        const across = 256 * 2 ** zoom;
        const west = ((x * 256 + column) / across) * 360 - 180;
        const north = latitudeOf((y * 256 + row) / across);
        const south = latitudeOf((y * 256 + row + 1) / across);
        // As an angle, so that 180 degrees less one rounding error may lie in the first column too.
        const eastward = ((longitude - west + 540) % 360) - 180;
        const slack = 1e-9;
        return (
          eastward >= -slack &&
          eastward <= 360 / across + slack &&
          latitude <= north + slack &&
          latitude >= south - slack
        );
      }),
    );
  });

  it('takes every latitude beyond the limit for the limit', () => {
    const beyond = fc.double({ min: MERCATOR_LIMIT, max: 90, noNaN: true });
    fc.assert(
      fc.property(beyond, longitudes, zooms, (latitude, longitude, zoom) => {
        expect(pixelOf({ latitude, longitude }, zoom)).toMatchObject({ y: 0, row: 0 });
        expect(pixelOf({ latitude: -latitude, longitude }, zoom)).toMatchObject({
          y: 2 ** zoom - 1,
          row: 255,
        });
      }),
    );
  });

  it('is the same after whole turns around the Earth', () => {
    const whole = fc.integer({ min: -180, max: 180 });
    fc.assert(
      fc.property(
        latitudes,
        whole,
        fc.integer({ min: -3, max: 3 }),
        zooms,
        (latitude, longitude, turns, zoom) => {
          const here = pixelOf({ latitude, longitude }, zoom);
          expect(pixelOf({ latitude, longitude: longitude + turns * 360 }, zoom)).toEqual(here);
        },
      ),
    );
  });
});

/** The latitude of a fraction of the map's height from the north: the inverse of the projection. */
function latitudeOf(fraction: number): number {
  return (Math.atan(Math.sinh(Math.PI * (1 - 2 * fraction))) * 180) / Math.PI;
}

describe('decodeElevation', () => {
  it.each([
    [[1, 134, 160], 0],
    [[1, 134, 161], 0.1],
    [[1, 134, 159], -0.1],
    [[2, 224, 67], 8_848.3],
    [[0, 0, 0], -10_000],
    [[255, 255, 255], 1_667_721.5],
  ] as const)('decodes %j as %d m', ([red, green, blue], metres) => {
    expect(decodeElevation(red, green, blue)).toBe(metres);
  });

  it('is rounded to a tenth of a metre', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(byte, byte, byte, (red, green, blue) => {
        const metres = decodeElevation(red, green, blue);
        return (
          metres === Number(metres.toFixed(1)) &&
          Math.abs(metres - (-10_000 + (red * 65_536 + green * 256 + blue) * 0.1)) < 1e-6
        );
      }),
    );
  });
});
