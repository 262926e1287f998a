import * as z from 'zod';
import { fitAffine, type GeoTransform, pixelArea } from './affine.ts';
import { RasterRefused } from './raster-refused.ts';

const crs = z.string().min(1).max(20_000);

/** Far beyond any CRS, and still kept exactly; DynamoDB refuses numbers nearer to zero than 1e-130. */
const largest = 1e15;
const coordinate = z
  .number()
  .min(-largest)
  .max(largest)
  .overwrite((value) => (Math.abs(value) < 1e-100 ? 0 : value));

/** A position in an image (pixels, from the upper left corner) and its place in the world (units of the CRS; x is east or longitude). */
export const controlPoint = z.strictObject({
  image_x: coordinate,
  image_y: coordinate,
  world_x: coordinate,
  world_y: coordinate,
});

/** See {@link controlPoint}. */
export type ControlPoint = z.infer<typeof controlPoint>;

/**
 * Where an image lies, told beside it. The CRS is anything GDAL understands, for example `EPSG:32617` or WKT; x is always
 * east or longitude. A world file's six numbers are in the order of its lines.
 */
export const georeference = z.union(
  [
    z.strictObject({ crs, bounds: z.tuple([coordinate, coordinate, coordinate, coordinate]) }),
    z.strictObject({ crs, gcps: z.array(controlPoint).min(3).max(1000) }),
    z.strictObject({
      crs,
      world_file: z.tuple([coordinate, coordinate, coordinate, coordinate, coordinate, coordinate]),
    }),
  ],
  'must be {"crs", "bounds": [minx, miny, maxx, maxy]}, {"crs", "gcps": [3 to 1000 control points]} or {"crs", "world_file": [6 numbers]}, the CRS for example EPSG:32617',
);

/** See {@link georeference}. */
export type Georeference = z.infer<typeof georeference>;

/** Where an image of this size lies. Throws RasterRefused for a place without extent. */
export function placeImage(place: Georeference, width: number, height: number): GeoTransform {
  const transform = transformOf(place, width, height);
  if (transform === null)
    throw new RasterRefused('The control points lie on one line: they do not fix a place');
  if (!(pixelArea(transform) > 0)) throw new RasterRefused('The georeference gives the image no extent');
  return transform;
}

function transformOf(place: Georeference, width: number, height: number): GeoTransform | null {
  if ('gcps' in place) return fitAffine(place.gcps);
  if ('bounds' in place) {
    const [minX, minY, maxX, maxY] = place.bounds;
    if (!(minX < maxX && minY < maxY)) {
      throw new RasterRefused('bounds are [minx, miny, maxx, maxy], the smaller before the larger');
    }
    return [minX, (maxX - minX) / width, 0, maxY, 0, (minY - maxY) / height];
  }
  // A world file names the centre of the first pixel, a geotransform its corner.
  const [xPerColumn, yPerColumn, xPerRow, yPerRow, x, y] = place.world_file;
  return [
    x - (xPerColumn + xPerRow) / 2,
    xPerColumn,
    xPerRow,
    y - (yPerColumn + yPerRow) / 2,
    yPerColumn,
    yPerRow,
  ];
}

/** Metres of the longest side of an image that has no place. */
const dummyExtent = 1_000_000;

/** The frame in EPSG:3857 of an image without a place: from x = 0 to the right, and from y = 0 up. */
export function dummyFrame(width: number, height: number): { crs: string; transform: GeoTransform } {
  const metres = dummyExtent / Math.max(width, height);
  return { crs: 'EPSG:3857', transform: [0, metres, 0, height * metres, 0, -metres] };
}
