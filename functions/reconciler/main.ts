import { schedules } from '#functions/registry.ts';
import { createLog, logVariables } from '#functions/runtime/logging.ts';
import { deadLetterVariables, openPipeline, queueVariables } from '#functions/runtime/pipeline-ports.ts';
import { createScheduleHandler } from '#functions/runtime/schedule-entry.ts';
import { readEnvironment } from '#shared/env.ts';
import { runReconciler } from './run-reconciler.ts';

const environment = readEnvironment([
  ...logVariables,
  'PIPELINE_TABLE_NAME',
  ...Object.values(queueVariables),
  ...Object.values(deadLetterVariables),
]);
const { ports } = openPipeline(environment);

/** The reconciler as EventBridge's rule calls it every minute. */
export const handler = createScheduleHandler({
  run: (run) => runReconciler(ports, schedules, run),
  stage: environment.STAGE,
  log: createLog('reconciler', environment),
  now: ports.clock.now,
});
