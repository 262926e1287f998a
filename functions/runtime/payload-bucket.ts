import type { S3Client } from '@aws-sdk/client-s3';
import { createS3PayloadStore } from '#shared/aws/s3-payload-store.ts';
import type { Environment } from '#shared/env.ts';
import type { PayloadStore } from '#shared/ports/payload-store.ts';
import { openS3 } from './open-s3.ts';

/** The variables of functions that read or write large arguments and results. */
export const payloadVariables = ['PAYLOAD_BUCKET_NAME', 'AWS_ENDPOINT_URL_S3'] as const;

/** Connects to the payload bucket; apart from the other ports, because the S3 client is large and not all need it. */
export function openPayloadBucket(
  environment: Pick<Environment, (typeof payloadVariables)[number]>,
  client: S3Client = openS3(environment),
): PayloadStore {
  return createS3PayloadStore({ client, bucket: environment.PAYLOAD_BUCKET_NAME });
}
