import { schedules } from '#functions/registry.ts';
import { createLog } from '#functions/runtime/logging.ts';
import { openPipeline, pipelineVariables } from '#functions/runtime/pipeline-ports.ts';
import { createScheduleHandler } from '#functions/runtime/schedule-entry.ts';
import { readEnvironment } from '#shared/env.ts';
import { runBeat } from './run-beat.ts';

const environment = readEnvironment(['STAGE', 'LOG_LEVEL', ...pipelineVariables]);
const { ports } = openPipeline(environment);

/** The beat as the rules of the schedules call it. */
export const handler = createScheduleHandler({
  run: (run) => runBeat(ports, schedules, run),
  log: createLog({ service: 'beat', stage: environment.STAGE, level: environment.LOG_LEVEL }),
  now: ports.clock.now,
});
