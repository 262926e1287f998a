import { gunzipSync } from 'node:zlib';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { emulatedS3, ownName } from '../contracts/emulator-clients.ts';
import { describePayloadStore } from '../contracts/payload-store-contract.ts';
import { createS3PayloadStore } from './s3-payload-store.ts';

const client = emulatedS3();

async function makeBucket(): Promise<string> {
  const bucket = ownName('payloads');
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return bucket;
}

describePayloadStore('S3', async () => createS3PayloadStore({ client, bucket: await makeBucket() }));

describe('S3 payload store', () => {
  it('stores gzip that a browser or the console reads as JSON', async () => {
    const bucket = await makeBucket();
    const json = JSON.stringify({ words: 'again and '.repeat(1000) });
    await createS3PayloadStore({ client, bucket }).put('payloads/a.json', json);
    const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'payloads/a.json' }));
    expect(object).toMatchObject({ ContentEncoding: 'gzip', ContentType: 'application/json' });
    const body = await object.Body?.transformToByteArray();
    expect(body?.length).toBeLessThan(200);
    expect(gunzipSync(body ?? '').toString()).toBe(json);
  });

  it('names the payload that is damaged', async () => {
    const bucket = await makeBucket();
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'payloads/a.json', Body: 'not gzip' }));
    const read = createS3PayloadStore({ client, bucket }).get('payloads/a.json');
    await expect(read).rejects.toThrow(`the payload payloads/a.json in bucket ${bucket} is damaged`);
  });

  it('does not take a missing bucket for a missing payload', async () => {
    const store = createS3PayloadStore({ client, bucket: ownName('nowhere') });
    await expect(store.get('payloads/a.json')).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });
});
