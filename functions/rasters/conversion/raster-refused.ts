import { PermanentError } from '#shared/tasks/task-errors.ts';

/** This file cannot become a geo-raster, now or later; the message says why, in GDAL's words where GDAL said it. */
export class RasterRefused extends PermanentError {
  override name = 'RasterRefused';
}
