import { createLocationStore } from '#functions/locations/location-store.ts';
import { createHttpHandler } from '#functions/runtime/http-entry.ts';
import { createLog } from '#functions/runtime/logging.ts';
import { openPayloadBucket, payloadVariables } from '#functions/runtime/payload-bucket.ts';
import { openPipeline, pipelineVariables } from '#functions/runtime/pipeline-ports.ts';
import { createAuthenticate } from '#functions/runtime/tokens/authenticate.ts';
import { createTokenStore } from '#functions/runtime/tokens/token-store.ts';
import { readEnvironment } from '#shared/env.ts';
import { apiHandlers } from './api-handlers.ts';
import { openExecution } from './open-execution.ts';

const environment = readEnvironment([
  ...(['STAGE', 'LOG_LEVEL', 'APPLICATION_TABLE_NAME', 'EXECUTION_MODE'] as const),
  ...pipelineVariables,
  ...payloadVariables,
]);
const log = createLog({ service: 'api', stage: environment.STAGE, level: environment.LOG_LEVEL });
const pipeline = openPipeline(environment, openPayloadBucket(environment));
const { ports, dynamoDb } = pipeline;
const { submit, celery } = openExecution(environment, pipeline);
const now = ports.clock.now;

const handlers = apiHandlers({
  pipeline: ports,
  submit,
  locations: createLocationStore(dynamoDb, environment.APPLICATION_TABLE_NAME),
  health: {
    database: () => ports.store.read('health'),
    cache: () => ports.payloads.get('payloads/health'),
    celery,
  },
});

const tokens = createTokenStore(dynamoDb, environment.PIPELINE_TABLE_NAME);

/** The HTTP API as Lambda calls it. */
export const handler = createHttpHandler(handlers, {
  authenticate: createAuthenticate({ tokens, now }),
  log,
  now,
});
