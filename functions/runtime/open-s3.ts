import type { S3Client } from '@aws-sdk/client-s3';
import { s3Client } from '#shared/aws/s3-client.ts';
import type { Environment } from '#shared/env.ts';

/** Connects to S3, or to what stands in for it. */
export function openS3(environment: Pick<Environment, 'AWS_ENDPOINT_URL_S3'>): S3Client {
  return s3Client({ forcePathStyle: environment.AWS_ENDPOINT_URL_S3 !== undefined });
}
