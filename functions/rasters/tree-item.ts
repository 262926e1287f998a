import * as z from 'zod';
import { nullableText, text, whole } from '#shared/plain-schemas.ts';
import { georeference } from './conversion/georeference.ts';
import { cogResult, rasterProbe } from './conversion/raster-jobs.ts';

const count = z.int().min(1);

/** A Cloud-Optimized GeoTIFF that was made of an item's original. Bytes, pixels, `[minx, miny, maxx, maxy]` in the CRS. */
export const rasterFile = cogResult.omit({ file: true, unchanged: true }).extend({
  id: text,
  /** Where it lies in the file bucket. */
  key: text,
});

/** See {@link rasterFile}. */
export type RasterFile = z.output<typeof rasterFile>;

/**
 * A task that makes a raster of an item. `resultId` is drawn anew by each of its attempts: only the attempt that drew the
 * stored one may give the item its raster, so that a worker that was thought dead changes nothing when it comes back.
 */
const making = z.object({ taskId: text, resultId: nullableText });

/** See {@link making}. */
export type Making = z.output<typeof making>;

/** The ways in which an item gets a raster; each has at most one task at a time and one result of its own. */
export const rasterKinds = ['converted', 'georeferenced'] as const;

/** See {@link rasterKinds}. */
export type RasterKind = (typeof rasterKinds)[number];

const nullableMaking = making.nullable();
const nullableRaster = rasterFile.nullable();

/** An uploaded file and what was made of it, as it is kept. Times are milliseconds since the epoch, sizes bytes. */
export const treeItem = z.object({
  id: text,
  tenant: text,
  name: text,
  /** As declared, until the upload was checked; from then on as its content says. */
  contentType: text,
  size: count,
  /** Where the image lies, told beside it. */
  georeference: georeference.nullable(),
  /** A multipart upload that is not complete; null for one in a single part and from the check on. */
  multipart: z.object({ uploadId: text, parts: count }).nullable(),
  /** The file as it was checked; null until then. The tag tells whether it is still the same. */
  original: z.object({ etag: text, uploadedAt: whole }).nullable(),
  /** What its header tells, once somebody asked. */
  probe: rasterProbe.nullable(),
  /** The last conversion, and the last fitting to control points. */
  makings: z.object({ converted: nullableMaking, georeferenced: nullableMaking }),
  /** What they made. */
  rasters: z.object({ converted: nullableRaster, georeferenced: nullableRaster }),
  createdAt: whole,
  updatedAt: whole,
  /** Grows by one with every save; a save names the one it read. */
  revision: count,
});

/** See {@link treeItem}. */
export type TreeItem = z.output<typeof treeItem>;

/** The raster that an item shows: the one fitted to control points, else the converted one; null while it has none. */
export function geoRasterOf({ rasters }: TreeItem): RasterFile | null {
  return rasters.georeferenced ?? rasters.converted;
}

/** Where an item's original lies in the file bucket. */
export function originalKey({ id }: Pick<TreeItem, 'id'>): string {
  return `originals/${id}`;
}

/** Where an item's results of one kind lie in the file bucket; with a slash at the end. */
export function resultPrefix({ id }: Pick<TreeItem, 'id'>, kind?: RasterKind): string {
  return kind === undefined ? `results/${id}/` : `results/${id}/${kind}/`;
}

/** Where a result lies in the file bucket. */
export function resultKey(item: Pick<TreeItem, 'id'>, kind: RasterKind, resultId: string): string {
  return `${resultPrefix(item, kind)}${resultId}.tif`;
}
