import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ControlPoint } from '../georeference.ts';

/** Debian's own Python, which sees Debian's GDAL; there may be another first on the path. */
const python = '/usr/bin/python3';

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** A band, as native GDAL reads it. */
export interface NativeBand {
  readonly type: string;
  readonly checksum: number;
  readonly colour: string;
  readonly nodata: number | 'nan' | null;
  readonly palette: readonly (readonly number[])[] | null;
  readonly mask: readonly [flags: number, checksum: number];
}

/** A raster, as native GDAL reads it. */
export interface NativeRaster {
  readonly size: readonly [number, number];
  readonly bands: readonly NativeBand[];
  readonly transform: readonly number[] | null;
  readonly crs: string | null;
  readonly gcps: readonly (readonly number[])[];
  readonly area_or_point: string | null;
  readonly compression: string | null;
  readonly predictor: string | null;
  readonly layout: string | null;
  readonly block: readonly [number, number];
  readonly overviews: readonly (readonly [number, number])[];
}

/** Fails with the remedy when Debian's GDAL is not there: these tests prove nothing without it. */
export async function requireNativeGdal(): Promise<void> {
  try {
    await promisify(execFile)(python, [
      '-c',
      'from osgeo import gdal, gdal_array; import osgeo_utils.samples',
    ]);
  } catch (cause) {
    const remedy = 'apt-get update && apt-get install -y gdal-bin python3-gdal';
    throw new Error(`Native GDAL is missing: ${remedy}`, { cause });
  }
}

/** Writes the corpus into a folder, and what must be refused into `refused` in it. */
export async function makeCorpus(folder: string): Promise<void> {
  await promisify(execFile)(python, [script('make-corpus.py'), folder]);
}

/** What native GDAL reads in files. */
export function describeNatively(files: readonly string[]): Promise<NativeRaster[]> {
  return ask(files.map((file) => ({ file }))) as Promise<NativeRaster[]>;
}

/** What native GDAL makes of files with `gdal_translate -of COG`. */
export function translateNatively(files: readonly string[]): Promise<NativeRaster[]> {
  return ask(files.map((translate) => ({ translate }))) as Promise<NativeRaster[]>;
}

/** What GDAL's validator for Cloud-Optimized GeoTIFFs finds wrong, all tiles included. */
export function validateNatively(
  files: readonly string[],
): Promise<{ errors: string[]; warnings: string[] }[]> {
  return ask(files.map((validate) => ({ validate }))) as Promise<{ errors: string[]; warnings: string[] }[]>;
}

/** What native gdalwarp makes of a file that four corners or more place in EPSG:4326, in EPSG:3857. */
export async function warpNatively(request: {
  readonly file: string;
  readonly points: readonly ControlPoint[];
  /** Whether it takes the nearest pixel, not a mean. */
  readonly near: boolean;
  readonly addsAlpha: boolean;
  /** Compared with it, pixel by pixel. */
  readonly ours: string;
}): Promise<NativeRaster & { readonly difference: number | null }> {
  const [answer] = await ask([{ warp: request }]);
  return answer as NativeRaster & { difference: number | null };
}

async function ask(requests: readonly unknown[]): Promise<unknown[]> {
  const answered = promisify(execFile)(python, [script('describe-rasters.py')], { maxBuffer: 1e8 });
  answered.child.stdin?.end(JSON.stringify(requests));
  const answers: unknown[] = JSON.parse((await answered).stdout);
  for (const answer of answers) {
    if (typeof answer === 'object' && answer !== null && 'error' in answer) {
      throw new Error(`native GDAL: ${String(answer.error)}`);
    }
  }
  return answers;
}
