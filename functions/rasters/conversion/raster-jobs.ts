import * as z from 'zod';
import { flag, nullableText, number, text } from '#shared/plain-schemas.ts';
import { controlPoint, georeference } from './georeference.ts';

const path = z.string().min(1);

/** Where the work reads and writes, and how much it takes on. */
const files = {
  /** The file as it was uploaded, under its own name: some formats are told by it. Sidecar files count if they are beside it. */
  input: path,
  /** An existing folder for this attempt alone: the result and what is needed on the way go here. */
  folder: path,
  /** The most bytes that all bands may have when decoded, in tiles. */
  maxBytes: z.number().positive(),
};

/** What the raster thread can be asked. */
export const rasterJob = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('probe'), input: path, folder: path }),
  z.strictObject({ kind: z.literal('convert'), ...files, georeference: georeference.nullable() }),
  z.strictObject({
    kind: z.literal('warp'),
    ...files,
    control_points: z.array(controlPoint).min(3).max(1000),
    control_points_srs: z.string().min(1),
  }),
]);

/** See {@link rasterJob}. */
export type RasterJob = z.infer<typeof rasterJob>;

/** What a file's header tells: sizes in pixels, types by numpy's names, CRS as `EPSG:…` or WKT. */
export const rasterProbe = z.object({
  driver: text,
  width: number,
  height: number,
  bands: number,
  dtype: nullableText,
  crs: nullableText,
  is_georeferenced: flag,
  /** The words of each image, when the file has several. */
  subdatasets: z.array(text),
  /** Whether it is a Cloud-Optimized GeoTIFF already. */
  is_cog: flag,
});

/** See {@link rasterProbe}. */
export type RasterProbe = z.infer<typeof rasterProbe>;

/** A Cloud-Optimized GeoTIFF that was written. */
export const cogResult = z.object({
  file: path,
  /** Bytes. */
  size: number,
  width: number,
  height: number,
  bands: number,
  dtype: nullableText,
  crs: nullableText,
  /** False when the place is only the dummy frame. */
  is_georeferenced: flag,
  /** `[minx, miny, maxx, maxy]` in the CRS. */
  bounds: z.tuple([number, number, number, number]).nullable(),
  /** True when the file was a Cloud-Optimized GeoTIFF with a place before, and was kept byte for byte. */
  unchanged: flag,
});

/** See {@link cogResult}. */
export type CogResult = z.infer<typeof cogResult>;

/**
 * The most bytes of decoded pixels, in tiles, that one invocation takes on, of a worker with 3008 MB, 900 s and 10 GiB of
 * disk, whatever the pixels are. Reckoned and measured: docs/rasters.md.
 */
export const largestRaster = 2_400_000_000;

/** The stages' words, and how far the work is then: 0–100. The task itself says what comes before and after. */
export const rasterStage = {
  load: [10, 'Loading file'],
  analyze: [20, 'Analyzing file'],
  create: [40, 'Creating georeferenced file'],
} as const;
