/**
 * From image to world, as GDAL orders it: `x = t[0] + t[1]·column + t[2]·row`, `y = t[3] + t[4]·column + t[5]·row`, where
 * (0, 0) is the outer corner of the first pixel.
 */
export type GeoTransform = readonly [number, number, number, number, number, number];

/** A position in an image, in pixels from its upper left corner, and its place in the world. */
export interface TiePoint {
  readonly image_x: number;
  readonly image_y: number;
  readonly world_x: number;
  readonly world_y: number;
}

/** Where a position in the image lies in the world. */
export function toWorld(t: GeoTransform, column: number, row: number): { x: number; y: number } {
  return { x: t[0] + t[1] * column + t[2] * row, y: t[3] + t[4] * column + t[5] * row };
}

/** World units squared that a pixel covers; 0 when the transform flattens the image. */
export function pixelArea(t: GeoTransform): number {
  return Math.abs(t[1] * t[5] - t[2] * t[4]);
}

/** The box around an image, `[minx, miny, maxx, maxy]`. */
export function boundsOf(
  transform: GeoTransform,
  width: number,
  height: number,
): [number, number, number, number] {
  const corners = [
    [0, 0],
    [width, 0],
    [0, height],
    [width, height],
  ].map(([column = 0, row = 0]) => toWorld(transform, column, row));
  const xs = corners.map(({ x }) => x);
  const ys = corners.map(({ y }) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/**
 * How far points spread across the direction in which they spread least, as a share of how far they spread along the other:
 * 0 on one line, 1 evenly.
 */
export function flatness(points: readonly (readonly [number, number])[]): number {
  const { xx, xy, yy } = scatter(points);
  const spread = Math.hypot((xx - yy) / 2, xy);
  const largest = (xx + yy) / 2 + spread;
  // The product of both is the determinant, and a difference of nearly equal numbers would lose what is sought.
  return largest > 0 ? Math.sqrt(Math.max(0, xx * yy - xy * xy)) / largest : 0;
}

/**
 * The affine transform with the least squared distances to the points, or null when they are on one line (or fewer than
 * three) and so fix none.
 */
export function fitAffine(points: readonly TiePoint[]): GeoTransform | null {
  const positions = points.map(({ image_x, image_y }) => [image_x, image_y] as const);
  if (points.length < 3 || flatness(positions) < 1e-6) return null;
  // Around the means the normal equations lose their third unknown, and most of their rounding errors.
  const { centre, xx, xy, yy } = scatter(positions);
  const determinant = xx * yy - xy * xy;
  const slopes = (worlds: readonly number[]): [number, number, number] => {
    const mean = average(worlds);
    let xw = 0;
    let yw = 0;
    for (const [index, [x, y]] of positions.entries()) {
      const world = (worlds[index] ?? 0) - mean;
      xw += (x - centre[0]) * world;
      yw += (y - centre[1]) * world;
    }
    const perColumn = (xw * yy - yw * xy) / determinant;
    const perRow = (yw * xx - xw * xy) / determinant;
    return [mean - perColumn * centre[0] - perRow * centre[1], perColumn, perRow];
  };
  return [...slopes(points.map(({ world_x }) => world_x)), ...slopes(points.map(({ world_y }) => world_y))];
}

function scatter(points: readonly (readonly [number, number])[]) {
  const centre = [average(points.map(([x]) => x)), average(points.map(([, y]) => y))] as const;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (const [x, y] of points) {
    const dx = x - centre[0];
    const dy = y - centre[1];
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  return { centre, xx, xy, yy };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
