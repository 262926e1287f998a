import { once } from 'node:events';
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { emulatedS3, ownName } from '../contracts/emulator-clients.ts';
import { describePayloadStore } from '../contracts/payload-store-contract.ts';
import { s3Client } from './s3-client.ts';
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

  it('does not take a payload for removed that S3 says it could not remove', async () => {
    // The emulator removes whatever it is asked to.
    const refusal =
      '<DeleteResult><Error><Key>payloads/a</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>';
    const server = createServer((_, response) => response.end(refusal)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const credentials = { accessKeyId: 'tests', secretAccessKey: 'tests' };
    const refusing = s3Client({
      ...{ endpoint: `http://127.0.0.1:${port}`, region: 'eu-central-1', forcePathStyle: true, credentials },
    });
    try {
      const removal = createS3PayloadStore({ client: refusing, bucket: 'some' }).remove([
        'payloads/a',
        'payloads/b',
      ]);
      await expect(removal).rejects.toThrow(
        '1 of 2 payloads in bucket some could not be removed: payloads/a: AccessDenied: no',
      );
    } finally {
      refusing.destroy();
      server.close();
      await once(server, 'close');
    }
  });

  it('does not take a missing bucket for a missing payload', async () => {
    const store = createS3PayloadStore({ client, bucket: ownName('nowhere') });
    await expect(store.get('payloads/a.json')).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });
});
