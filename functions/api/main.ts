import { createLocationStore } from '#functions/locations/location-store.ts';
import { completingClient, createFileExchange } from '#functions/rasters/s3-file-exchange.ts';
import { createTreeItemStore } from '#functions/rasters/tree-item-store.ts';
import { createHttpHandler } from '#functions/runtime/http-entry.ts';
import { createLog, logVariables } from '#functions/runtime/logging.ts';
import { openS3 } from '#functions/runtime/open-s3.ts';
import { openPayloadBucket, payloadVariables } from '#functions/runtime/payload-bucket.ts';
import { openPipeline, queueVariables } from '#functions/runtime/pipeline-ports.ts';
import { createAuthenticate } from '#functions/runtime/tokens/authenticate.ts';
import { createTokenStore } from '#functions/runtime/tokens/token-store.ts';
import { readEnvironment } from '#shared/env.ts';
import { apiHandlers } from './api-handlers.ts';
import { openExecution } from './open-execution.ts';

const environment = readEnvironment([
  ...logVariables,
  ...(['PIPELINE_TABLE_NAME', 'APPLICATION_TABLE_NAME'] as const),
  ...(['EXECUTION_MODE', 'FILE_BUCKET_NAME', 'WORKER_GEO_PROCESSING_FUNCTION'] as const),
  ...Object.values(queueVariables),
  ...payloadVariables,
]);
const log = createLog('api', environment);
const s3 = openS3(environment);
const pipeline = openPipeline(environment, openPayloadBucket(environment, s3));
const { ports, dynamoDb } = pipeline;
const { submit, ask, celery } = openExecution(environment, pipeline);
const now = ports.clock.now;

const handlers = apiHandlers({
  pipeline: ports,
  submit,
  locations: createLocationStore(dynamoDb, environment.APPLICATION_TABLE_NAME),
  rasters: {
    items: createTreeItemStore(dynamoDb, environment.APPLICATION_TABLE_NAME),
    files: createFileExchange({
      client: s3,
      completing: completingClient({ forcePathStyle: environment.AWS_ENDPOINT_URL_S3 !== undefined }),
      bucket: environment.FILE_BUCKET_NAME,
      now,
    }),
    probe: ask,
  },
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
