import * as z from 'zod';
import { exponential } from '#shared/lifecycle/backoff.ts';
import { text } from '#shared/plain-schemas.ts';
import { defineTask } from '#shared/tasks/define-task.ts';
import { controlPoint } from './conversion/georeference.ts';
import { cogResult, rasterProbe } from './conversion/raster-jobs.ts';

const itemId = z.string().min(1).max(128);

/** An item's new geo-raster: bytes, pixels, `[minx, miny, maxx, maxy]` in the CRS. */
export const geoRasterResult = cogResult
  .pick({
    is_georeferenced: true,
    width: true,
    height: true,
    bands: true,
    crs: true,
    bounds: true,
    size: true,
  })
  .extend({
    tree_item_id: itemId,
    geo_raster_file_id: text,
    object_type: z.literal('geo_raster_file'),
  });

/** Where an image's pixels lie in the world, by points that somebody has recognised. */
export const controlPoints = z.strictObject({
  control_points: z.array(controlPoint).min(3).max(1000),
  control_points_srs: z.string().min(1).max(20_000).default('EPSG:4326'),
});

const common = {
  queue: 'geo_processing',
  // What a machine did not manage in the time there is, another like it does not either.
  retry: { max: 3, delay: exponential(60, 600), never: ['SoftTimeLimitExceeded'] },
  timeLimit: { soft: 840, hard: 880 },
  unique: ({ tree_item_id }: { tree_item_id: string }) => tree_item_id,
} as const;

/** Makes a Cloud-Optimized GeoTIFF of an uploaded image. */
export const convertToGeoRaster = defineTask({
  ...common,
  name: 'convert_to_geo_raster',
  description: 'Makes a Cloud-Optimized GeoTIFF of an uploaded image, beside it.',
  input: z.strictObject({ tree_item_id: itemId }),
  output: geoRasterResult,
});

/** Fits an uploaded image to control points. */
export const applyGeoreferencing = defineTask({
  ...common,
  name: 'apply_georeferencing',
  description: 'Fits an uploaded image to control points and warps it to EPSG:3857, beside it.',
  input: controlPoints.extend({ tree_item_id: itemId }),
  output: geoRasterResult,
});

/** Tells what an uploaded image's header tells. */
export const probeRasterFile = defineTask({
  ...common,
  name: 'probe_raster',
  description: "Tells what an uploaded image's header tells: size, bands, CRS.",
  input: z.strictObject({ tree_item_id: itemId }),
  output: rasterProbe,
  timeLimit: { soft: 240, hard: 300 },
});
