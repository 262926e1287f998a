import type { Gdal } from './gdal.ts';
import type { RasterProbe } from './raster-jobs.ts';
import { openSource } from './source-raster.ts';

/** Tells what a file's header tells. Throws RasterRefused for what GDAL cannot open. For a thread. */
export function probeRaster(
  gdal: Gdal,
  { input, folder }: { readonly input: string; readonly folder: string },
): RasterProbe {
  const { facts, isCog } = openSource(gdal, input, folder);
  const { driver, width, height, bands, dtype, crs, isGeoreferenced, subdatasets } = facts;
  return {
    ...{ driver, width, height, bands, dtype, crs, is_georeferenced: isGeoreferenced },
    subdatasets: [...subdatasets],
    is_cog: isCog,
  };
}
