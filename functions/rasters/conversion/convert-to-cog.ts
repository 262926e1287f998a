import { copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ThreadProgress } from '../../runtime/thread-entry.ts';
import type { Dataset, Gdal } from './gdal.ts';
import { dummyFrame, type Georeference, placeImage } from './georeference.ts';
import { dummyMark, type RasterFacts } from './raster-facts.ts';
import { type CogResult, rasterStage } from './raster-jobs.ts';
import { factsOf, openSource, requireSingleImage } from './source-raster.ts';

/** A conversion: paths, the place if the caller knows one, and the most bytes of decoded pixels. */
export interface Conversion {
  readonly input: string;
  readonly folder: string;
  readonly maxBytes: number;
  readonly georeference: Georeference | null;
}

/** The name of every result in its attempt's folder. */
const resultName = 'geo-raster.tif';

/**
 * Makes a Cloud-Optimized GeoTIFF of any single image that GDAL can read, with its bands, nodata, colours and the place that
 * it was given or has; one without a place gets the dummy frame in EPSG:3857. For a thread: nothing else runs meanwhile.
 * Throws RasterRefused for what cannot be converted. Leaves more in the folder than the result.
 */
export async function convertToCog(
  gdal: Gdal,
  { input, folder, maxBytes, georeference }: Conversion,
  progress: ThreadProgress,
): Promise<CogResult> {
  progress(...rasterStage.analyze);
  const source = openSource(gdal, input, folder);
  const { facts, out } = source;
  requireSingleImage(facts, maxBytes);
  if (source.isCog && facts.hasPlace && facts.crs !== null && georeference === null) {
    progress(...rasterStage.create);
    // Its layout may be whole and its tiles broken.
    await source.readPixels();
    const file = join(folder, resultName);
    await copyFile(input, file);
    return describe(facts, file, true);
  }
  const place = placeOptions(facts, georeference);
  const pixels = await source.openPixels();
  progress(...rasterStage.create);
  writeCog(gdal, pixels, facts, out, place);
  return describeResult(gdal, out, folder);
}

/** Writes the result and closes what it came from. */
export function writeCog(
  gdal: Gdal,
  pixels: Dataset,
  facts: RasterFacts,
  out: string,
  place: readonly string[],
): void {
  gdal.close(gdal.translate(pixels, `${out}/${resultName}`, [...cogOptions(facts), ...place]));
  gdal.close(pixels);
}

/** What is told of the result that was written. */
export function describeResult(gdal: Gdal, out: string, folder: string): Promise<CogResult> {
  return describe(factsOf(gdal, `${out}/${resultName}`), join(folder, resultName), false);
}

async function describe(facts: RasterFacts, file: string, unchanged: boolean): Promise<CogResult> {
  const { width, height, bands, dtype, crs, isGeoreferenced, bounds } = facts;
  const { size } = await stat(file);
  return {
    file,
    size,
    width,
    height,
    bands,
    dtype,
    crs,
    is_georeferenced: isGeoreferenced,
    bounds,
    unchanged,
  };
}

function placeOptions(facts: RasterFacts, georeference: Georeference | null): string[] {
  const { width, height } = facts;
  if (georeference !== null) {
    const transform = placeImage(georeference, width, height);
    return ['-nogcp', '-a_srs', georeference.crs, '-a_gt', ...transform.map(String)];
  }
  if (facts.hasPlace) return [];
  const { crs, transform } = dummyFrame(width, height);
  return ['-a_srs', crs, '-a_gt', ...transform.map(String), '-mo', `${dummyMark}=YES`];
}

function cogOptions({ dtype, bits }: RasterFacts): string[] {
  const isComplex = dtype?.startsWith('complex') ?? false;
  // Predictors know whole samples only; YES takes 2 for integers and 3 for floats.
  const predictor = isComplex || (bits !== null && ![8, 16, 32, 64].includes(bits)) ? 'NO' : 'YES';
  const options = ['COMPRESS=LZW', `PREDICTOR=${predictor}`, 'BIGTIFF=IF_SAFER', 'BLOCKSIZE=512'];
  // Complex numbers have no curve to follow between pixels.
  if (isComplex) options.push('RESAMPLING=NEAREST');
  return ['-of', 'COG', ...options.flatMap((option) => ['-co', option])];
}
