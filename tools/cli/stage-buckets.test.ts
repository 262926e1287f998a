import { CreateBucketCommand, DeleteBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { emulatedS3, ownName } from '#shared/contracts/emulator-clients.ts';
import { bucketsOf, emptyBucket } from './stage-buckets.ts';

const s3 = emulatedS3();
const create = (Bucket: string) => s3.send(new CreateBucketCommand({ Bucket }));

describe('the buckets of a stage', () => {
  it('are those of its own stack, and of no other that has a similar name', async () => {
    const own = [
      'celeriac-dev-stateful-payloadbucketf1e70c09-1abcdefghijk',
      'celeriac-dev-stateful-filebucket9f4afa50-zyxwvutsrqpo',
    ];
    const others = [
      'celeriac-prod-stateful-payloadbucketf1e70c09-1abcdefghijk',
      'celeriac-dev-stateful-backup',
      'celeriac-dev-stateful-payloadbucketf1e70c09-1abcdefghijk-copy',
      'my-celeriac-dev-stateful-payloadbucketf1e70c09-1abcdefghijk',
    ];
    await Promise.all([...own, ...others].map(create));
    expect((await bucketsOf(s3, 'dev')).sort()).toEqual(own.sort());
    await Promise.all([...own, ...others].map((Bucket) => s3.send(new DeleteBucketCommand({ Bucket }))));
  });
});

describe('a bucket that is emptied', () => {
  it('has no object left, so that it can be deleted', async () => {
    const Bucket = ownName('files');
    await create(Bucket);
    const keys = Array.from({ length: 25 }, (_, index) => `payloads/${index}.json`);
    await Promise.all(keys.map((Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body: '{}' }))));
    expect(await emptyBucket(s3, Bucket)).toBe(keys.length);
    await s3.send(new DeleteBucketCommand({ Bucket }));
  });
});
