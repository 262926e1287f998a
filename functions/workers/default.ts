import { join } from 'node:path';
import { SSMClient } from '@aws-sdk/client-ssm';
import { enrichLocation } from '#functions/locations/enrich-location-data.ts';
import { guardMapbox } from '#functions/locations/guard-mapbox.ts';
import { createLocationStore } from '#functions/locations/location-store.ts';
import { createMapboxClient } from '#functions/locations/mapbox-client.ts';
import { taskSpecs } from '#functions/registry.ts';
import { composeWorker } from '#functions/runtime/compose-worker.ts';
import { logVariables } from '#functions/runtime/logging.ts';
import { openPayloadBucket, payloadVariables } from '#functions/runtime/payload-bucket.ts';
import { deadLetterVariables, openPipeline, queueVariables } from '#functions/runtime/pipeline-ports.ts';
import { openSecretParameter } from '#functions/runtime/secret-parameter.ts';
import { createUpstreamGuard } from '#functions/runtime/upstream-guard.ts';
import { createWorkerHandler } from '#functions/runtime/worker-entry.ts';
import { cleanUpOldResults } from '#functions/toolbox/clean-up-old-results.ts';
import { countPrimesInThread } from '#functions/toolbox/count-primes.ts';
import { createEffectCounter } from '#functions/toolbox/effect-counter.ts';
import { answerHealthCheck } from '#functions/toolbox/health-check.ts';
import { answerRateLimitedEcho } from '#functions/toolbox/rate-limited-echo.ts';
import { countSteps } from '#functions/toolbox/run-steps.ts';
import { answerTestCelery } from '#functions/toolbox/test-celery.ts';
import { bounded } from '#shared/aws/clients.ts';
import { readEnvironment } from '#shared/env.ts';
import { catchStrayRejections } from '#shared/pipeline/stray-rejections.ts';

catchStrayRejections();

const mapboxVariables = ['MAPBOX_BASE_URL', 'MAPBOX_TOKEN_PARAMETER', 'MAPBOX_PERMANENT'] as const;
const environment = readEnvironment([
  ...logVariables,
  ...(['PIPELINE_TABLE_NAME', 'APPLICATION_TABLE_NAME'] as const),
  ...([queueVariables.default, queueVariables.priority] as const),
  ...([deadLetterVariables.default, deadLetterVariables.priority] as const),
  'DISABLE_EXTERNAL_APIS',
  ...payloadVariables,
  ...mapboxVariables,
]);
const pipeline = openPipeline(environment, openPayloadBucket(environment));
const { ports, dynamoDb } = pipeline;
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
export const handler = createWorkerHandler(
  composeWorker({
    name: 'default',
    service: 'default-worker',
    queues: { default: environment.QUEUE_DEFAULT_URL, priority: environment.QUEUE_PRIORITY_URL },
    specs: taskSpecs,
    implementations: [
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
    environment,
    pipeline,
  }),
);
