import { join } from 'node:path';
import type { Context } from 'aws-lambda';
import { georeferenceItem } from '#functions/rasters/apply-georeferencing.ts';
import { convertItem } from '#functions/rasters/convert-to-geo-raster.ts';
import { probeItem } from '#functions/rasters/probe-raster-file.ts';
import { createFileTransfer, transferClient } from '#functions/rasters/s3-file-transfer.ts';
import { createTreeItemStore } from '#functions/rasters/tree-item-store.ts';
import { taskSpecs } from '#functions/registry.ts';
import { composeWorker } from '#functions/runtime/compose-worker.ts';
import { logVariables } from '#functions/runtime/logging.ts';
import { openPayloadBucket, payloadVariables } from '#functions/runtime/payload-bucket.ts';
import { deadLetterVariables, openPipeline, queueVariables } from '#functions/runtime/pipeline-ports.ts';
import { sweepAtStart } from '#functions/runtime/sweep-at-start.ts';
import { createWorkerHandler } from '#functions/runtime/worker-entry.ts';
import { readEnvironment } from '#shared/env.ts';
import { catchStrayRejections } from '#shared/pipeline/stray-rejections.ts';

catchStrayRejections();

const environment = readEnvironment([
  ...logVariables,
  ...(['PIPELINE_TABLE_NAME', 'APPLICATION_TABLE_NAME', 'FILE_BUCKET_NAME'] as const),
  ...([queueVariables.geo_processing, deadLetterVariables.geo_processing] as const),
  ...payloadVariables,
]);
const pipeline = openPipeline(environment, openPayloadBucket(environment));
const { ports, dynamoDb } = pipeline;
const rasters = {
  items: createTreeItemStore(dynamoDb, environment.APPLICATION_TABLE_NAME),
  files: createFileTransfer({
    client: transferClient({ forcePathStyle: environment.AWS_ENDPOINT_URL_S3 !== undefined }),
    bucket: environment.FILE_BUCKET_NAME,
  }),
  // The template puts the thread's bundle next to this one's.
  thread: join(__dirname, 'raster-thread.js'),
  newId: ports.newId,
  clock: ports.clock,
};
const worker = composeWorker({
  name: 'geo_processing',
  service: 'geo-processing-worker',
  queues: { geo_processing: environment.QUEUE_GEO_PROCESSING_URL },
  specs: taskSpecs,
  implementations: [convertItem(rasters), georeferenceItem(rasters), probeItem(rasters)],
  environment,
  pipeline,
});
const work = createWorkerHandler(worker);
// A killed runtime may have left gigabytes, and Lambda keeps /tmp for the next.
const swept = sweepAtStart(worker.log);

/** The worker of the queue `geo_processing` as Lambda calls it. */
export async function handler(event: unknown, context: Context) {
  await swept;
  return work(event, context);
}
