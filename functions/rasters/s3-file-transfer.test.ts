import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { ownName } from '#shared/contracts/emulator-clients.ts';
import { createFileTransfer, transferClient } from './s3-file-transfer.ts';
import type { FileTransfer } from './tree-item-files.ts';

const key = 'results/oslo/converted/1.tif';
const quiet = new AbortController().signal;

let client: S3Client;
let bucket: string;
let files: FileTransfer;
let folder: string;
beforeEach(async () => {
  client = transferClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'tests', secretAccessKey: 'tests' },
    endpoint: inject('queueEmulatorUrl'),
    forcePathStyle: true,
  });
  bucket = ownName('files');
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  files = createFileTransfer({ client, bucket });
  folder = await mkdtemp(join(tmpdir(), 'celeriac-transfer-'));
});
afterEach(async () => {
  client.destroy();
  await rm(folder, { recursive: true });
});

const put = async (Body: string | Uint8Array) =>
  (await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body }))).ETag ?? '';

describe('reading a file', () => {
  it('gives its bytes while it is the one that was checked', async () => {
    const etag = await put('some words');
    expect(await text(await files.read(key, etag, quiet))).toBe('some words');
    await put('other words');
    await expect(files.read(key, etag, quiet)).rejects.toMatchObject({
      name: 'FileChanged',
      message: `the file ${key} in bucket ${bucket} is not the one that was checked`,
    });
    await files.remove([key]);
    await expect(files.read(key, etag, quiet)).rejects.toMatchObject({ name: 'FileGone' });
    expect(await files.list('results/')).toEqual([]);
  });

  it('does not take a missing bucket for a missing file', async () => {
    const elsewhere = createFileTransfer({ client, bucket: ownName('nowhere') });
    await expect(elsewhere.read(key, '"x"', quiet)).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  it('ends with the signal, before it begins and in the middle', async () => {
    const etag = await put(new Uint8Array(10_000_000));
    const stop = new AbortController();
    const bytes = await files.read(key, etag, stop.signal);
    const reason = new Error('cancelled');
    stop.abort(reason);
    await expect(buffer(bytes)).rejects.toMatchObject({ name: 'AbortError', cause: reason });
    await expect(files.read(key, etag, stop.signal)).rejects.toBe(reason);
  });
});

describe('storing a file', () => {
  const size = 6 * 8_388_608;

  async function localFile(bytes: number): Promise<string> {
    const path = join(folder, 'local.tif');
    await writeFile(path, 'II*\0');
    await truncate(path, bytes);
    return path;
  }

  /** Watches the calls that a store makes; `then` happens before the call of this name is made, or after it. */
  function watch(happens: { before?: string; after?: string; what: () => void }) {
    const calls: string[] = [];
    const uploads: string[] = [];
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const name = String(commandName);
          calls.push(name);
          if (name === happens.before) happens.what();
          const answer = await next(args);
          if (name === happens.after) happens.what();
          const { UploadId } = Object(answer.output);
          if (name === 'CreateMultipartUploadCommand') uploads.push(String(UploadId));
          return answer;
        },
      { step: 'initialize' },
    );
    return { calls, uploads };
  }

  async function expectNothingLeft(uploads: readonly string[]): Promise<void> {
    await expect(client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    for (const UploadId of uploads) {
      const more = new UploadPartCommand({ Bucket: bucket, Key: key, UploadId, PartNumber: 1, Body: 'x' });
      await expect(client.send(more)).rejects.toMatchObject({ name: 'NoSuchUpload' });
    }
  }

  it.each([
    ['in one request when it is small', 100],
    ['when it is empty', 0],
    ['in parts when it is large', size + 5],
  ])('keeps its bytes and its type, %s', async (_, bytes) => {
    await files.store(key, await localFile(bytes), quiet);
    const { Body, ContentLength, ContentType } = await client.send(
      new GetObjectCommand({ Bucket: bucket, Key: key }),
    );
    expect(ContentLength).toBe(bytes);
    expect(ContentType).toBe('image/tiff; application=geotiff; profile=cloud-optimized');
    const stored = (await Body?.transformToByteArray()) ?? new Uint8Array();
    expect(Buffer.from(stored.subarray(0, 4)).toString('latin1')).toBe('II*\0'.slice(0, bytes));
    expect(stored.length).toBe(bytes);
  });

  it('leaves nothing when it is aborted between parts', async () => {
    const stop = new AbortController();
    const reason = new Error('cancelled');
    const { calls, uploads } = watch({ before: 'UploadPartCommand', what: () => stop.abort(reason) });
    await expect(files.store(key, await localFile(size), stop.signal)).rejects.toBe(reason);
    expect(calls.filter((name) => name === 'UploadPartCommand').length).toBeLessThan(6);
    expect(uploads.length).toBe(1);
    await expectNothingLeft(uploads);
  });

  it('leaves nothing when it is aborted as its parts are put together', async () => {
    const stop = new AbortController();
    const reason = new Error('cancelled');
    const { uploads } = watch({ after: 'CompleteMultipartUploadCommand', what: () => stop.abort(reason) });
    await expect(files.store(key, await localFile(size), stop.signal)).rejects.toBe(reason);
    expect(uploads.length).toBe(1);
    await expectNothingLeft(uploads);
  });

  it('leaves nothing when its parts cannot be put together', async () => {
    const what = () => {
      throw new Error('the line is down');
    };
    const { uploads } = watch({ before: 'CompleteMultipartUploadCommand', what });
    await expect(files.store(key, await localFile(size), quiet)).rejects.toThrow('the line is down');
    expect(uploads.length).toBe(1);
    await expectNothingLeft(uploads);
  });

  /** Has the answer to the request that puts the parts together be lost once, after `before`; S3 has done it. */
  function loseCompletion(before: () => Promise<unknown> = async () => undefined): void {
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName !== 'CompleteMultipartUploadCommand') return next(args);
          await next(args);
          await before();
          return next(args);
        },
      { step: 'initialize' },
    );
  }

  it('keeps a large one whose completion was answered only at the second try, when it was there', async () => {
    loseCompletion();
    await files.store(key, await localFile(size + 5), quiet);
    const stored = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    expect(stored.ContentLength).toBe(size + 5);
  });

  it('does not take a file of another size for it', async () => {
    loseCompletion(() => put('short'));
    await expect(files.store(key, await localFile(size), quiet)).rejects.toMatchObject({
      name: 'NoSuchUpload',
    });
    await expectNothingLeft([]);
  });

  it('leaves nothing when the answer to a small one is lost', async () => {
    const what = () => {
      throw new Error('the line is down');
    };
    watch({ after: 'PutObjectCommand', what });
    await expect(files.store(key, await localFile(5), quiet)).rejects.toThrow('the line is down');
    await expectNothingLeft([]);
  });

  it('says both when what was stored cannot be removed either', async () => {
    const down = new Error('the line is down');
    const what = () => {
      throw down;
    };
    watch({ after: 'PutObjectCommand', what });
    watch({ before: 'DeleteObjectsCommand', what });
    await expect(files.store(key, await localFile(5), quiet)).rejects.toMatchObject({
      message: expect.stringContaining('what was stored of it could not be removed'),
      errors: [down, down],
    });
  });

  it('stores nothing of a file that is not there, or after the signal', async () => {
    await expect(files.store(key, join(folder, 'none'), quiet)).rejects.toMatchObject({ code: 'ENOENT' });
    const reason = new Error('cancelled');
    await expect(files.store(key, await localFile(5), AbortSignal.abort(reason))).rejects.toBe(reason);
    await expectNothingLeft([]);
  });
});
