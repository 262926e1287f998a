import { describe, expect, it } from 'vitest';
import { EnvironmentError, readEnvironment } from './env.ts';

describe('readEnvironment', () => {
  it('gives what was asked for, parsed, and nothing else', () => {
    const source = { STAGE: 'dev', MAPBOX_PERMANENT: 'false', PIPELINE_TABLE_NAME: 'tasks' };
    expect(
      readEnvironment(['STAGE', 'MAPBOX_PERMANENT', 'LOG_LEVEL', 'AWS_ENDPOINT_URL_S3'], source),
    ).toEqual({
      STAGE: 'dev',
      MAPBOX_PERMANENT: false,
      LOG_LEVEL: 'INFO',
      AWS_ENDPOINT_URL_S3: undefined,
    });
  });

  it('names every fault at once, with what the variable is for, and no value', () => {
    const source = { STAGE: 'dev', QUEUE_DEFAULT_URL: 's3cret-not-a-url', PAYLOAD_BUCKET_NAME: '' };
    const read = () =>
      readEnvironment(['STAGE', 'QUEUE_DEFAULT_URL', 'PAYLOAD_BUCKET_NAME', 'PIPELINE_TABLE_NAME'], source);
    expect(read).toThrow(EnvironmentError);
    expect(read).toThrow(
      /QUEUE_DEFAULT_URL \(the SQS queue of the default worker\): Invalid URL\n {2}PAYLOAD_BUCKET_NAME \(.*\): is not set\n {2}PIPELINE_TABLE_NAME \(.*\): is not set$/,
    );
    expect(read).not.toThrow(/s3cret|STAGE/);
  });
});
