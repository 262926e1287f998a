import { SSMClient } from '@aws-sdk/client-ssm';
import { enrichLocation } from '#functions/locations/enrich-location-data.ts';
import { createLocationStore } from '#functions/locations/location-store.ts';
import { createMapboxClient } from '#functions/locations/mapbox-client.ts';
import { taskSpecs } from '#functions/registry.ts';
import { bindTasks } from '#functions/runtime/bind-tasks.ts';
import { createLog } from '#functions/runtime/logging.ts';
import { openPayloadBucket, payloadVariables } from '#functions/runtime/payload-bucket.ts';
import { deadLetterVariables, openPipeline, pipelineVariables } from '#functions/runtime/pipeline-ports.ts';
import { sqsNameOf } from '#functions/runtime/read-sqs-event.ts';
import { openSecretParameter } from '#functions/runtime/secret-parameter.ts';
import { createWorkerHandler } from '#functions/runtime/worker-entry.ts';
import { answerHealthCheck } from '#functions/toolbox/health-check.ts';
import { answerTestCelery } from '#functions/toolbox/test-celery.ts';
import { readEnvironment } from '#shared/env.ts';

const mapboxVariables = ['MAPBOX_BASE_URL', 'MAPBOX_TOKEN_PARAMETER', 'MAPBOX_PERMANENT'] as const;
const environment = readEnvironment([
  ...(['STAGE', 'LOG_LEVEL', 'APPLICATION_TABLE_NAME'] as const),
  ...pipelineVariables,
  ...deadLetterVariables,
  ...payloadVariables,
  ...mapboxVariables,
]);
const { ports, dynamoDb } = openPipeline(environment, openPayloadBucket(environment));
const token = openSecretParameter({
  client: new SSMClient(),
  name: environment.MAPBOX_TOKEN_PARAMETER,
  now: ports.clock.now,
});
const mapbox = createMapboxClient({
  baseUrl: environment.MAPBOX_BASE_URL,
  permanent: environment.MAPBOX_PERMANENT,
  token,
});
const locations = createLocationStore(dynamoDb, environment.APPLICATION_TABLE_NAME);

/** The worker of the queues `default` and `priority` as Lambda calls it. */
export const handler = createWorkerHandler({
  ports,
  implementations: bindTasks(
    taskSpecs.filter(({ queue }) => queue === 'default' || queue === 'priority'),
    [
      enrichLocation({ locations, mapbox, clock: ports.clock }),
      answerTestCelery,
      answerHealthCheck(ports.clock),
    ],
  ),
  queues: new Map([
    [sqsNameOf(environment.QUEUE_DEFAULT_URL), 'default'],
    [sqsNameOf(environment.QUEUE_PRIORITY_URL), 'priority'],
  ]),
  log: createLog({ service: 'default-worker', stage: environment.STAGE, level: environment.LOG_LEVEL }),
});
