import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListBucketsCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLaptopClock } from '../clock/laptop-clock.ts';
import type { Emulator } from '../emulators/emulator.ts';
import { startQueueEmulator } from '../emulators/start-queue-emulator.ts';
import { createBucketClient } from './aws-clients.ts';
import { createBuckets } from './create-buckets.ts';
import { resolved } from './fixtures/resolved.ts';

let dataDir: string;
let emulator: Emulator;
let client: S3Client;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'celeriac-create-buckets-'));
  emulator = await startQueueEmulator({ dataDir, clock: createLaptopClock() });
  client = createBucketClient(emulator.url);
});

afterAll(async () => {
  await emulator.stop();
  rmSync(dataDir, { recursive: true });
});

const bucket = (name: string, properties = {}) => resolved('AWS::S3::Bucket', name, properties);

it('creates buckets, and keeps the objects of those that exist', async () => {
  await createBuckets([bucket('payloads')], client);
  await client.send(new PutObjectCommand({ Bucket: 'payloads', Key: 'one', Body: 'kept' }));
  await createBuckets([bucket('payloads', { VersioningConfiguration: {} }), bucket('rasters')], client);
  const { Buckets } = await client.send(new ListBucketsCommand({}));
  expect(Buckets?.map(({ Name }) => Name).sort()).toEqual(['payloads', 'rasters']);
  const found = await client.send(new GetObjectCommand({ Bucket: 'payloads', Key: 'one' }));
  expect(await found.Body?.transformToString()).toBe('kept');
});

it('refuses a property that it would not honour', async () => {
  await expect(createBuckets([bucket('told', { NotificationConfiguration: {} })], client)).rejects.toThrow(
    /^AWS::S3::Bucket \(app\/It\) .*create-buckets\.ts\):\n.*NotificationConfiguration/,
  );
});
