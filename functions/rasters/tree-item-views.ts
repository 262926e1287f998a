import * as z from 'zod';
import { flag, isoTime, nullableNumber, nullableText, number, text } from '#shared/plain-schemas.ts';
import { georeference } from './conversion/georeference.ts';
import { largestRaster } from './conversion/raster-jobs.ts';
import { geoRasterOf, rasterFile, type TreeItem } from './tree-item.ts';

/** The largest file that can be uploaded, in bytes: hardly a file is larger than its decoded pixels. */
export const largestUpload = largestRaster;

/** A new item as callers give it. */
export const treeItemInput = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(255)
    .regex(
      /^(?!\.{1,2}$)[^/\\\p{Cc}\p{Cs}\p{Bidi_Control}]+$/u,
      'must be a file name: no slashes, no control characters, also none of text direction, and not . or ..',
    ),
  content_type: z
    .string()
    .max(127)
    .regex(/^[\w.+-]+\/[\w.+-]+$/, 'must be a media type, for example image/tiff'),
  size: z.int().min(1).max(largestUpload, `must be at most ${largestUpload} bytes`),
  georeference: georeference.nullable().default(null),
});

const objectType = z.enum(['raw_file', 'geo_raster_file']);

/** An item as callers see it. Sizes in bytes and pixels; bounds are `[minx, miny, maxx, maxy]` in the CRS. */
export const treeItemView = z.object({
  id: text,
  name: text,
  object_type: objectType,
  is_georeferenced: flag,
  /** As declared until the upload was checked, then as the content says. */
  content_type: text,
  /** Of the original. */
  size: number,
  /** Whether the file was uploaded and checked. */
  uploaded: flag,
  georeference: georeference.nullable(),
  geo_raster: rasterFile.omit({ key: true, is_georeferenced: true }).nullable(),
  created_at: isoTime,
  updated_at: isoTime,
});

const upload = z.union([
  z.object({
    url: text,
    method: z.literal('PUT'),
    headers: z.record(text, text),
    expires_at: isoTime,
  }),
  z.object({
    parts: z.array(z.object({ number, url: text })),
    part_size: number,
    expires_at: isoTime,
  }),
]);

/** A new item, and how its file is to be uploaded. */
export const createdItemView = treeItemView.extend({ upload });

/** A page of a tenant's items, newest first. */
export const treeItemPageView = z.object({ items: z.array(treeItemView), next_cursor: nullableText });

/** A task that works on an item. */
export const startedView = z.object({ task_id: text, status: z.literal('STARTED'), message: text });

/** How far an item's conversion is; `progress` is 0–100. */
export const conversionView = z.object({
  item_id: text,
  status: z.enum(['NOT_CONVERTED', 'PENDING', 'PROGRESS', 'COMPLETED', 'FAILED', 'CANCELLED']),
  object_type: objectType,
  task_id: nullableText,
  progress: nullableNumber,
  message: nullableText,
});

/** What control points amount to; errors in units of their CRS. */
export const controlPointView = z.object({
  valid: flag,
  transform: z.array(number).length(6).nullable(),
  residuals: z.array(z.object({ index: number, error: number })),
  mean_error: nullableNumber,
  max_error: nullableNumber,
  std_error: nullableNumber,
  rmse: nullableNumber,
  warnings: z.array(text),
});

/** The wire shape of an item. */
export function viewTreeItem(item: TreeItem): z.input<typeof treeItemView> {
  const { id, name, contentType, size, createdAt, updatedAt } = item;
  const raster = geoRasterOf(item);
  return {
    ...{ id, name, size, georeference: item.georeference },
    object_type: raster === null ? 'raw_file' : 'geo_raster_file',
    is_georeferenced: raster?.is_georeferenced ?? false,
    content_type: contentType,
    uploaded: item.original !== null,
    geo_raster: raster,
    created_at: new Date(createdAt).toISOString(),
    updated_at: new Date(updatedAt).toISOString(),
  };
}
