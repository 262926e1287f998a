import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundsOf, toWorld } from './affine.ts';
import { dummyFrame, georeference, placeImage } from './georeference.ts';

const side = fc.integer({ min: 1, max: 100_000 });

describe('a georeference', () => {
  it('by bounds puts the corners of the image on those of the bounds', () => {
    const corner = fc.integer({ min: -1e7, max: 1e7 });
    const extent = fc.integer({ min: 1, max: 1e6 });
    fc.assert(
      fc.property(side, side, corner, corner, extent, extent, (width, height, x, y, wide, high) => {
        const bounds: [number, number, number, number] = [x, y, x + wide, y + high];
        const placed = boundsOf(placeImage({ crs: 'EPSG:3857', bounds }, width, height), width, height);
        for (const [index, edge] of placed.entries()) expect(edge).toBeCloseTo(bounds[index] as number, 4);
      }),
    );
  });

  it('by a world file puts the centre of the first pixel where the file says', () => {
    const number = fc.integer({ min: -1000, max: 1000 });
    const turn = fc.tuple(number, number, number, number).filter(([a, d, b, e]) => a * e !== b * d);
    fc.assert(
      fc.property(turn, number, number, ([a, d, b, e], x, y) => {
        const transform = placeImage({ crs: 'EPSG:4326', world_file: [a, d, b, e, x, y] }, 10, 10);
        expect(toWorld(transform, 0.5, 0.5)).toEqual({ x, y });
        expect(toWorld(transform, 1.5, 0.5)).toEqual({ x: x + a, y: y + d });
        expect(toWorld(transform, 0.5, 1.5)).toEqual({ x: x + b, y: y + e });
      }),
    );
  });

  it('by control points is their best affine fit', () => {
    const gcps = [
      { image_x: 0, image_y: 0, world_x: 10, world_y: 50 },
      { image_x: 100, image_y: 0, world_x: 11, world_y: 50 },
      { image_x: 0, image_y: 100, world_x: 10, world_y: 49 },
    ];
    const found = placeImage({ crs: 'EPSG:4326', gcps }, 100, 100);
    expect(boundsOf(found, 100, 100).map((edge) => Math.round(edge * 1e9) / 1e9)).toEqual([10, 49, 11, 50]);
  });

  it.each([
    ['turned bounds', { crs: 'EPSG:4326', bounds: [10, 50, 9, 51] }, 'the smaller before the larger'],
    ['a flat world file', { crs: 'EPSG:4326', world_file: [1, 0, 0, 0, 5, 5] }, 'no extent'],
    [
      'control points on a line',
      {
        crs: 'EPSG:4326',
        gcps: [0, 1, 2].map((n) => ({ image_x: n, image_y: n, world_x: n, world_y: 2 * n })),
      },
      'on one line',
    ],
  ])('is refused with %s', (_, place, words) => {
    expect(() => placeImage(georeference.parse(place), 10, 10)).toThrow(words);
  });

  it('has nothing that nobody asked for', () => {
    expect(georeference.safeParse({ crs: 'EPSG:4326', bounds: [0, 0, 1, 1], datum: 'x' }).success).toBe(
      false,
    );
    expect(georeference.safeParse({ crs: 'EPSG:4326' }).success).toBe(false);
  });
});

it('frames an image without a place: a million metres long, square pixels, up from the origin', () => {
  fc.assert(
    fc.property(side, side, (width, height) => {
      const { crs, transform } = dummyFrame(width, height);
      const [minX, minY, maxX, maxY] = boundsOf(transform, width, height);
      expect(crs).toBe('EPSG:3857');
      expect(minX).toBe(0);
      expect(minY).toBeCloseTo(0, 6);
      expect(Math.max(maxX, maxY)).toBeCloseTo(1_000_000, 6);
      expect(transform[1]).toBe(-transform[5]);
    }),
  );
});
