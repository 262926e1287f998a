import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateControlPoints } from './control-points.ts';
import type { ControlPoint } from './georeference.ts';

const point = (image_x: number, image_y: number, world_x: number, world_y: number): ControlPoint => ({
  ...{ image_x, image_y, world_x, world_y },
});

/** A square of 1000 × 1000 pixels, a metre each. */
const square = [
  point(0, 0, 0, 1000),
  point(1000, 0, 1000, 1000),
  point(1000, 1000, 1000, 0),
  point(0, 1000, 0, 0),
];

const positions = fc.array(
  fc.record({
    image_x: fc.integer({ min: 0, max: 5000 }),
    image_y: fc.integer({ min: 0, max: 5000 }),
    world_x: fc.integer({ min: -1e6, max: 1e6 }),
    world_y: fc.integer({ min: -1e6, max: 1e6 }),
  }),
  { minLength: 0, maxLength: 15 },
);

describe('control points', () => {
  it('that agree fit exactly and need no warning', () => {
    const report = validateControlPoints(square, { width: 1000, height: 1000 });
    expect(report).toMatchObject({ valid: true, warnings: [] });
    expect(report.transform?.map((value) => Math.round(value * 1e6) / 1e6)).toEqual([0, 1, 0, 1000, 0, -1]);
    expect(report.max_error).toBeLessThan(1e-6);
  });

  it('of which one is 40 m off share the error, as least squares do', () => {
    const [first, ...others] = square;
    const report = validateControlPoints([{ ...(first as ControlPoint), world_x: 40 }, ...others]);
    // An affine transform over a square cannot bend: each corner takes a quarter.
    expect(report.residuals.map(({ index, error }) => [index, Math.round(error * 1e6) / 1e6])).toEqual([
      [0, 10],
      [1, 10],
      [2, 10],
      [3, 10],
    ]);
    expect(report.mean_error).toBeCloseTo(10, 6);
    expect(report.max_error).toBeCloseTo(10, 6);
    expect(report.rmse).toBeCloseTo(10, 6);
    expect(report.std_error).toBeCloseTo(0, 6);
    expect(report.warnings).toEqual([]);
  });

  it('far off are named', () => {
    const wrong = [...square, point(500, 500, 500, 500), point(250, 250, 700, 750)];
    expect(validateControlPoints(wrong).warnings).toEqual([
      expect.stringMatching(/^Large errors, up to \d+ % of the extent .* at points .*5$/),
    ]);
  });

  it('have errors whose figures belong together', () => {
    fc.assert(
      fc.property(positions, (points) => {
        const { valid, transform, residuals, mean_error, max_error, std_error, rmse, warnings } =
          validateControlPoints(points);
        if (!valid) {
          expect([transform, mean_error, max_error, std_error, rmse]).toEqual([null, null, null, null, null]);
          expect(warnings).toHaveLength(1);
          return;
        }
        const [mean, max, std, root] = [mean_error, max_error, std_error, rmse].map(Number) as [
          number,
          number,
          number,
          number,
        ];
        expect(residuals).toHaveLength(points.length);
        expect(max).toBeGreaterThanOrEqual(root * (1 - 1e-9));
        expect(root).toBeGreaterThanOrEqual(mean * (1 - 1e-9));
        expect(mean ** 2 + std ** 2).toBeCloseTo(root ** 2, -Math.ceil(Math.log10(root ** 2 + 1)) + 6);
      }),
    );
  });

  it('that are only three always fit, which says nothing', () => {
    expect(validateControlPoints(square.slice(0, 3)).warnings).toEqual([
      expect.stringContaining('add a fourth'),
    ]);
  });

  it('almost on one line are warned of', () => {
    const thin = [point(0, 0, 0, 0), point(500, 1, 500, -1), point(1000, 0, 1000, 0), point(700, 9, 700, -9)];
    expect(validateControlPoints(thin)).toMatchObject({
      valid: true,
      warnings: [expect.stringContaining('almost on one line')],
    });
  });

  it('outside the image are warned of', () => {
    expect(validateControlPoints(square, { width: 999, height: 1000 }).warnings).toEqual([
      'Outside the image of 999 × 1000 pixels: points 1, 2',
    ]);
  });

  it.each([
    ['fewer than three', square.slice(0, 2), 'At least 3 control points are needed, there are 2'],
    ['on one line in the image', [0, 1, 2].map((n) => point(n, n, n, n * n)), 'on one line in the image'],
    [
      'on one line in the world',
      square.map((corner) => ({ ...corner, world_y: corner.world_x })),
      'in the world',
    ],
    ['all the same', [1, 2, 3, 4].map(() => point(5, 5, 9, 9)), 'on one line in the image'],
  ])('that are %s fix no transform', (_, points, words) => {
    expect(validateControlPoints(points)).toMatchObject({
      ...{ valid: false, transform: null, residuals: [], rmse: null },
      warnings: [expect.stringContaining(words)],
    });
  });
});
