import { join } from 'node:path';
import { SSMClient } from '@aws-sdk/client-ssm';
import { enrichLocation } from '#functions/locations/enrich-location-data.ts';
import { guardMapbox } from '#functions/locations/guard-mapbox.ts';
import { createLocationStore } from '#functions/locations/location-store.ts';
import { createMapboxClient } from '#functions/locations/mapbox-client.ts';
import { taskSpecs } from '#functions/registry.ts';
import { bindTasks } from '#functions/runtime/bind-tasks.ts';
import { createLog } from '#functions/runtime/logging.ts';
import { openPayloadBucket, payloadVariables } from '#functions/runtime/payload-bucket.ts';
import { deadLetterVariables, openPipeline, pipelineVariables } from '#functions/runtime/pipeline-ports.ts';
import { sqsNameOf } from '#functions/runtime/read-sqs-event.ts';
import { openSecretParameter } from '#functions/runtime/secret-parameter.ts';
import { createUpstreamGuard } from '#functions/runtime/upstream-guard.ts';
import { createWorkerHandler } from '#functions/runtime/worker-entry.ts';
import { createHeartbeat } from '#functions/runtime/worker-heartbeat.ts';
import { cleanUpOldResults } from '#functions/toolbox/clean-up-old-results.ts';
import { countPrimesInThread } from '#functions/toolbox/count-primes.ts';
import { createEffectCounter } from '#functions/toolbox/effect-counter.ts';
import { answerHealthCheck } from '#functions/toolbox/health-check.ts';
import { answerRateLimitedEcho } from '#functions/toolbox/rate-limited-echo.ts';
import { countSteps } from '#functions/toolbox/run-steps.ts';
import { answerTestCelery } from '#functions/toolbox/test-celery.ts';
import { bounded } from '#shared/aws/clients.ts';
import { createDynamoDbHeartbeats } from '#shared/aws/dynamodb-heartbeats.ts';
import { readEnvironment } from '#shared/env.ts';
import { catchStrayRejections } from '#shared/pipeline/stray-rejections.ts';

catchStrayRejections();

const mapboxVariables = ['MAPBOX_BASE_URL', 'MAPBOX_TOKEN_PARAMETER', 'MAPBOX_PERMANENT'] as const;
const environment = readEnvironment([
  ...(['STAGE', 'LOG_LEVEL', 'APPLICATION_TABLE_NAME', 'DISABLE_EXTERNAL_APIS'] as const),
  ...pipelineVariables,
  ...deadLetterVariables,
  ...payloadVariables,
  ...mapboxVariables,
]);
const { ports, dynamoDb } = openPipeline(environment, openPayloadBucket(environment));
const token = openSecretParameter({
  client: new SSMClient(bounded({})),
  name: environment.MAPBOX_TOKEN_PARAMETER,
  now: ports.clock.now,
});
const mapboxGuard = createUpstreamGuard({
  upstream: 'Mapbox',
  concurrency: 10,
  failures: 10,
  restMs: 30_000,
  // The delay of the tasks that ask it: a circuit that opens must not use up their attempts sooner.
  leastWaitMs: 60_000,
});
const mapbox = guardMapbox(
  createMapboxClient({
    baseUrl: environment.MAPBOX_BASE_URL,
    permanent: environment.MAPBOX_PERMANENT,
    token,
  }),
  mapboxGuard,
);
const locations = createLocationStore(dynamoDb, environment.APPLICATION_TABLE_NAME);

/** The worker of the queues `default` and `priority` as Lambda calls it. */
export const handler = createWorkerHandler({
  ports,
  implementations: bindTasks(
    taskSpecs.filter(({ queue }) => queue === 'default' || queue === 'priority'),
    [
      enrichLocation({
        locations,
        mapbox,
        clock: ports.clock,
        externalApisDisabled: environment.DISABLE_EXTERNAL_APIS,
      }),
      answerTestCelery,
      answerHealthCheck(ports.clock),
      // The template bundles threads to files next to this one's bundle.
      countPrimesInThread(join(__dirname, 'count-primes-thread.js')),
      countSteps(
        createEffectCounter(dynamoDb, environment.APPLICATION_TABLE_NAME, ports.clock.now),
        ports.clock,
      ),
      answerRateLimitedEcho(ports.clock),
      cleanUpOldResults(ports),
    ],
  ),
  queues: new Map([
    [sqsNameOf(environment.QUEUE_DEFAULT_URL), 'default'],
    [sqsNameOf(environment.QUEUE_PRIORITY_URL), 'priority'],
  ]),
  heartbeat: createHeartbeat({
    worker: 'default',
    heartbeats: createDynamoDbHeartbeats({ client: dynamoDb, tableName: environment.PIPELINE_TABLE_NAME }),
    clock: ports.clock,
  }),
  log: createLog({ service: 'default-worker', stage: environment.STAGE, level: environment.LOG_LEVEL }),
  exit: (status) => process.exit(status),
});
