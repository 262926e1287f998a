import * as z from 'zod';
import { runAsThread, type ThreadProgress } from '../../runtime/thread-entry.ts';
import { convertToCog } from './convert-to-cog.ts';
import { startGdal } from './gdal.ts';
import { probeRaster } from './probe-raster.ts';
import { type RasterJob, rasterJob, rasterStage } from './raster-jobs.ts';
import { warpToWebMercator } from './warp-to-web-mercator.ts';

async function work(job: RasterJob, progress: ThreadProgress): Promise<unknown> {
  progress(...rasterStage.load);
  // The bundle lies beside the programs that it loads.
  const gdal = await startGdal(__dirname);
  switch (job.kind) {
    case 'probe':
      return probeRaster(gdal, job);
    case 'convert':
      return convertToCog(gdal, job, progress);
    case 'warp':
      return warpToWebMercator(gdal, job, progress);
  }
}

runAsThread({ input: rasterJob, output: z.unknown() }, work);
