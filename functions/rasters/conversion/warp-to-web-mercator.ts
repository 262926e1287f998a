import type { ThreadProgress } from '../../runtime/thread-entry.ts';
import { describeResult, writeCog } from './convert-to-cog.ts';
import type { Gdal } from './gdal.ts';
import { type ControlPoint, placeImage } from './georeference.ts';
import { type RasterFacts, readFacts } from './raster-facts.ts';
import { type CogResult, rasterStage } from './raster-jobs.ts';
import { openSource, removeDecoded, requireSingleImage } from './source-raster.ts';

/** An image to be fitted to control points; `srs` is the CRS of their world coordinates. */
export interface Warping {
  readonly input: string;
  readonly folder: string;
  readonly maxBytes: number;
  readonly control_points: readonly ControlPoint[];
  readonly control_points_srs: string;
}

const warpedName = 'warped.tif';

/**
 * Fits an image to its control points by the least-squares affine transform and warps it to EPSG:3857, as a Cloud-Optimized
 * GeoTIFF. What is no part of the image is transparent: an alpha band is added unless it has one, or a nodata value. For a
 * thread, as is convertToCog; throws the same.
 */
export async function warpToWebMercator(
  gdal: Gdal,
  { input, folder, maxBytes, control_points, control_points_srs }: Warping,
  progress: ThreadProgress,
): Promise<CogResult> {
  progress(...rasterStage.analyze);
  const { facts, out, openPixels } = openSource(gdal, input, folder);
  requireSingleImage(facts, maxBytes);
  const place = { crs: control_points_srs, gcps: [...control_points] };
  const transform = placeImage(place, facts.width, facts.height);
  const pixels = await openPixels();
  progress(...rasterStage.create);
  const placed = gdal.translate(pixels, '/vsimem/placed.vrt', [
    ...['-of', 'VRT', '-nogcp', '-a_srs', control_points_srs, '-a_gt', ...transform.map(String)],
  ]);
  const options = warpOptions(facts);
  // Describes the result without making it: a long strip turned by 45° fills a square.
  const planned = gdal.warp(placed, '/vsimem/planned.vrt', ['-of', 'VRT', ...options]);
  requireSingleImage(readFacts(gdal.info(planned)), maxBytes);
  gdal.close(planned);
  const warped = gdal.warp(placed, `${out}/${warpedName}`, [
    ...['-of', 'GTiff', '-co', 'TILED=YES', '-co', 'BIGTIFF=IF_SAFER', '-co', 'SPARSE_OK=TRUE', ...options],
  ]);
  for (const dataset of [warped, placed, pixels]) gdal.close(dataset);
  await removeDecoded(folder);
  const result = gdal.open(`${out}/${warpedName}`);
  writeCog(gdal, result, readFacts(gdal.info(result)), out, []);
  return describeResult(gdal, out, folder);
}

function warpOptions({ hasAlpha, hasNodata, hasPalette, bits, dtype }: RasterFacts): string[] {
  // Between two classes or two complex numbers there is nothing.
  const isClasses = hasPalette || (bits ?? 8) < 8 || (dtype ?? '').startsWith('complex');
  const alpha = hasAlpha || hasNodata ? [] : ['-dstalpha'];
  return ['-t_srs', 'EPSG:3857', '-r', isClasses ? 'near' : 'bilinear', ...alpha];
}
