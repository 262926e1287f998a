import { describe, expect, it } from 'vitest';
import { EnvironmentError, readEnvironment, readTraceHeader } from './env.ts';

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

  it('takes a share from nothing to all, and no other number', () => {
    const read = (share?: string) =>
      readEnvironment(['DEBUG_SAMPLE_RATE'], { DEBUG_SAMPLE_RATE: share }).DEBUG_SAMPLE_RATE;
    expect([read(), read('0'), read('0.01'), read('1')]).toEqual([0, 0, 0.01, 1]);
    for (const wrong of ['1.01', '-0.1', 'half', '1%'])
      expect(() => read(wrong)).toThrow('DEBUG_SAMPLE_RATE');
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

describe('readTraceHeader', () => {
  const root = 'Root=1-5759e988-bd862e3fe1be46a994272793';

  it.each([
    root,
    `${root};Parent=53995c3f42cd8ad8;Sampled=1`,
    `${root};Sampled=0;Lineage=1:a87bd80c:0|68fd508a:5`,
  ])('passes on %s', (header) => {
    expect(readTraceHeader({ _X_AMZN_TRACE_ID: header })).toBe(header);
  });

  it.each([undefined, '', 'Root=1-5759e988', `${root};Parent=a b`, `${root}\nX: y`, `x${root}`])(
    'passes on nothing of %j, which SQS would refuse a message for',
    (header) => {
      expect(readTraceHeader({ _X_AMZN_TRACE_ID: header })).toBeNull();
    },
  );
});
