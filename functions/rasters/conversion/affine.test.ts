import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundsOf, fitAffine, flatness, type GeoTransform, type TiePoint, toWorld } from './affine.ts';

const coefficient = fc.double({ min: -10, max: 10, noNaN: true }).filter((value) => Math.abs(value) > 1e-3);
const origin = fc.double({ min: -2e7, max: 2e7, noNaN: true });

/** Transforms as maps have them: anywhere on earth, turned and sheared, none that flattens the image. */
const transforms = fc
  .tuple(origin, coefficient, coefficient, origin, coefficient, coefficient)
  .filter(([, a, b, , d, e]) => Math.abs(a * e - b * d) > 0.1);

const positions = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 20_000 })), {
    minLength: 3,
    maxLength: 20,
  })
  .filter((points) => flatness(points) > 1e-3);

function tie(transform: GeoTransform, points: readonly (readonly [number, number])[]): TiePoint[] {
  return points.map(([image_x, image_y]) => {
    const { x, y } = toWorld(transform, image_x, image_y);
    return { image_x, image_y, world_x: x, world_y: y };
  });
}

/** Sum of the squared distances between where points are and where a transform puts them. */
function misfit(transform: GeoTransform, points: readonly TiePoint[]): number {
  return points.reduce((sum, point) => {
    const { x, y } = toWorld(transform, point.image_x, point.image_y);
    return sum + (x - point.world_x) ** 2 + (y - point.world_y) ** 2;
  }, 0);
}

describe('the affine fit', () => {
  it('finds the transform that made the points', () => {
    fc.assert(
      fc.property(transforms, positions, (transform, points) => {
        const found = fitAffine(tie(transform, points));
        for (const corner of [
          [0, 0],
          [20_000, 0],
          [0, 20_000],
        ] as const) {
          const [column, row] = corner;
          const expected = toWorld(transform, column, row);
          const actual = toWorld(found as GeoTransform, column, row);
          expect(Math.hypot(actual.x - expected.x, actual.y - expected.y)).toBeLessThan(0.001);
        }
      }),
    );
  });

  it('is the best there is: every nudge makes it worse', () => {
    const noise = fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })), {
      minLength: 20,
      maxLength: 20,
    });
    const nudge = fc.tuple(fc.nat(5), fc.constantFrom(-1, 1));
    fc.assert(
      fc.property(transforms, positions, noise, nudge, (transform, points, noises, [which, sign]) => {
        const tied = tie(transform, points).map((point, index) => ({
          ...point,
          world_x: point.world_x + (noises[index]?.[0] ?? 0),
          world_y: point.world_y + (noises[index]?.[1] ?? 0),
        }));
        const best = fitAffine(tied) as GeoTransform;
        const step = which % 3 === 0 ? 1 : 0.001;
        const nudged = best.map((value, index) => (index === which ? value + sign * step : value));
        expect(misfit(nudged as unknown as GeoTransform, tied)).toBeGreaterThanOrEqual(
          misfit(best, tied) * (1 - 1e-9),
        );
      }),
    );
  });

  it('does not depend on the order of the points', () => {
    fc.assert(
      fc.property(transforms, positions, (transform, points) => {
        const forward = fitAffine(tie(transform, points)) as GeoTransform;
        const backward = fitAffine(tie(transform, points.toReversed())) as GeoTransform;
        for (const [index, value] of forward.entries()) expect(backward[index]).toBeCloseTo(value, 3);
      }),
    );
  });

  it('is none for points on one line, wherever the line lies', () => {
    const slope = fc.integer({ min: -50, max: 50 });
    fc.assert(
      fc.property(transforms, slope, slope, fc.integer({ min: 3, max: 12 }), (transform, dx, dy, count) => {
        const line = Array.from({ length: count }, (_, index) => [7 + dx * index, 9 + dy * index] as const);
        expect(fitAffine(tie(transform, line))).toBeNull();
      }),
    );
  });

  it('is none for fewer than three points', () => {
    expect(fitAffine([])).toBeNull();
    expect(
      fitAffine(
        tie(
          [0, 1, 0, 0, 0, -1],
          [
            [0, 0],
            [5, 9],
          ],
        ),
      ),
    ).toBeNull();
  });
});

it('puts a box around a turned image', () => {
  expect(boundsOf([100, 1, 1, 50, 1, -1], 10, 20)).toEqual([100, 30, 130, 60]);
});
