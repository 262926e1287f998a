import type { Schedule } from '#shared/schedules/schedule.ts';
import type { TaskSpec } from '#shared/tasks/define-task.ts';
import { enrichLocationData } from './locations/specs.ts';
import { applyGeoreferencing, convertToGeoRaster, probeRasterFile } from './rasters/specs.ts';
import {
  cleanupOldResults,
  countPrimes,
  healthCheck,
  nightlyCleanup,
  rateLimitedEcho,
  runSteps,
  testCelery,
} from './toolbox/specs.ts';

/** Every task that can be asked for: read by the API, the command line and the template, as pure data. */
export const taskSpecs: readonly TaskSpec[] = [
  enrichLocationData,
  convertToGeoRaster,
  applyGeoreferencing,
  probeRasterFile,
  testCelery,
  healthCheck,
  countPrimes,
  runSteps,
  rateLimitedEcho,
  cleanupOldResults,
];

/** Every schedule that code declares: read by the template and by the beat function, as pure data. */
export const schedules: readonly Schedule[] = [nightlyCleanup];
