const RADIANS = Math.PI / 180;

/**
 * The stand-in's ground, in metres at a point in degrees: rolling hills between -300 and 2,100 m, the same on
 * both sides of the antimeridian. So gentle that within one pixel of a zoom-14 tile it stays within 0.03 m
 * of the value at the pixel's centre: a test can compare any point with the tile.
 */
export function syntheticElevation({
  latitude,
  longitude,
}: {
  readonly latitude: number;
  readonly longitude: number;
}): number {
  const east = longitude * RADIANS;
  const north = latitude * RADIANS;
  return 900 + 700 * Math.sin(18 * east) * Math.cos(10 * north) + 500 * Math.sin(24 * north + 3 * east);
}
