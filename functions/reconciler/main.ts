import { createLog } from '#functions/runtime/logging.ts';
import { deadLetterVariables, openPipeline, pipelineVariables } from '#functions/runtime/pipeline-ports.ts';
import { createScheduleHandler } from '#functions/runtime/schedule-entry.ts';
import { readEnvironment } from '#shared/env.ts';
import { runReconciler } from './run-reconciler.ts';

const environment = readEnvironment(['STAGE', 'LOG_LEVEL', ...pipelineVariables, ...deadLetterVariables]);
const { ports } = openPipeline(environment);

/** The reconciler as EventBridge's rule calls it every minute. */
export const handler = createScheduleHandler({
  run: (run) => runReconciler(ports, run),
  log: createLog({ service: 'reconciler', stage: environment.STAGE, level: environment.LOG_LEVEL }),
  now: ports.clock.now,
});
