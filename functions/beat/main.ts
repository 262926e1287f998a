import { schedules } from '#functions/registry.ts';
import { createLog, logVariables } from '#functions/runtime/logging.ts';
import { openPipeline, queueVariables } from '#functions/runtime/pipeline-ports.ts';
import { createScheduleHandler } from '#functions/runtime/schedule-entry.ts';
import { readEnvironment } from '#shared/env.ts';
import { scheduledQueues } from '#shared/schedules/scheduled-queues.ts';
import { runBeat } from './run-beat.ts';

const environment = readEnvironment([
  ...logVariables,
  'PIPELINE_TABLE_NAME',
  ...scheduledQueues(schedules).map((queue) => queueVariables[queue]),
]);
const { ports } = openPipeline(environment);

/** The beat as the rules of the schedules call it. */
export const handler = createScheduleHandler({
  run: (run) => runBeat(ports, schedules, run),
  stage: environment.STAGE,
  log: createLog('beat', environment),
  now: ports.clock.now,
});
