import { fitAffine, flatness, type GeoTransform, pixelArea, toWorld } from './affine.ts';
import type { ControlPoint } from './georeference.ts';

/** How far off the fitted transform is at one point: units of the points' CRS. */
export interface Residual {
  /** Which of the points, from 0. */
  readonly index: number;
  readonly error: number;
}

/** What control points amount to; errors are distances in units of their CRS, null when the points fix no transform. */
export interface ControlPointReport {
  readonly valid: boolean;
  readonly transform: GeoTransform | null;
  readonly residuals: readonly Residual[];
  readonly mean_error: number | null;
  readonly max_error: number | null;
  /** Of the whole population, as numpy's `std`. */
  readonly std_error: number | null;
  readonly rmse: number | null;
  readonly warnings: readonly string[];
}

/** An error above this share of the extent of the points is probably a mistyped point. */
const largeError = 0.01;
/** Points spread less than this across their line leave the other direction to chance. */
const nearlyOnALine = 0.05;
/** Three points always fit, so that their errors say nothing. */
const fewPoints = 4;

/**
 * Fits the affine transform with the least squared errors to control points and says how well it fits.
 *
 * @param size of the image in pixels, when it is known: points outside are warned of
 */
export function validateControlPoints(
  points: readonly ControlPoint[],
  size?: { readonly width: number; readonly height: number },
): ControlPointReport {
  const outside = size ? pointsOutside(points, size) : [];
  const transform = fitAffine(points);
  if (points.length < 3) return invalid(`At least 3 control points are needed, there are ${points.length}`);
  if (transform === null) return invalid('The control points lie on one line in the image');
  if (
    flatness(points.map(({ world_x, world_y }) => [world_x, world_y])) < 1e-6 ||
    pixelArea(transform) === 0
  ) {
    return invalid('The control points lie on one line in the world');
  }
  const errors = points.map((point) => {
    const { x, y } = toWorld(transform, point.image_x, point.image_y);
    return Math.hypot(x - point.world_x, y - point.world_y);
  });
  const mean = average(errors);
  return {
    valid: true,
    transform,
    residuals: errors.map((error, index) => ({ index, error })),
    mean_error: mean,
    max_error: Math.max(...errors),
    std_error: Math.sqrt(average(errors.map((error) => (error - mean) ** 2))),
    rmse: Math.sqrt(average(errors.map((error) => error ** 2))),
    warnings: [...fitWarnings(points, errors), ...outside],
  };
}

function fitWarnings(points: readonly ControlPoint[], errors: readonly number[]): string[] {
  const warnings: string[] = [];
  if (points.length < fewPoints) {
    warnings.push('Three control points fit any image exactly, so the errors say nothing: add a fourth');
  }
  if (flatness(points.map(({ image_x, image_y }) => [image_x, image_y])) < nearlyOnALine) {
    warnings.push('The control points lie almost on one line: add one away from it');
  }
  const extent = extentOf(points);
  const large = errors.flatMap((error, index) => (error > largeError * extent ? [index] : []));
  if (large.length > 0) {
    const percent = ((100 * Math.max(...errors)) / extent).toPrecision(2);
    const named = large.slice(0, 10).join(', ');
    warnings.push(
      `Large errors, up to ${percent} % of the extent of the control points, at point${large.length > 1 ? 's' : ''} ${named}`,
    );
  }
  return warnings;
}

/** The diagonal of the box around the points in the world. */
function extentOf(points: readonly ControlPoint[]): number {
  const xs = points.map(({ world_x }) => world_x);
  const ys = points.map(({ world_y }) => world_y);
  return Math.hypot(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
}

function pointsOutside(
  points: readonly ControlPoint[],
  { width, height }: { readonly width: number; readonly height: number },
): string[] {
  const outside = points.flatMap(({ image_x, image_y }, index) =>
    image_x < 0 || image_y < 0 || image_x > width || image_y > height ? [index] : [],
  );
  if (outside.length === 0) return [];
  return [
    `Outside the image of ${width} × ${height} pixels: point${outside.length > 1 ? 's' : ''} ${outside.join(', ')}`,
  ];
}

function invalid(reason: string): ControlPointReport {
  return {
    ...{ valid: false, transform: null, residuals: [] },
    ...{ mean_error: null, max_error: null, std_error: null, rmse: null },
    warnings: [reason],
  };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
