import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { emulatedS3, ownName } from '#shared/contracts/emulator-clients.ts';
import { completingClient, createFileExchange } from './s3-file-exchange.ts';
import { type FileExchange, partSize, type UploadedPart } from './tree-item-files.ts';

const client = emulatedS3();
const noon = Date.UTC(2026, 10, 20, 12, 0, 0);
const hour = 3_600_000;
const key = 'originals/oslo';

let bucket: string;
let files: FileExchange;
beforeEach(async () => {
  bucket = ownName('files');
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  files = createFileExchange({ client, completing: client, bucket, now: () => noon + 250 });
});

const begin = (size: number) => files.begin({ key, size, contentType: 'image/tiff' });
const signedHeaders = (url: string) => new URL(url).searchParams.get('X-Amz-SignedHeaders');

async function beginInParts(size: number) {
  const { form, uploadId, expiresAt } = await begin(size);
  if (!('parts' in form) || uploadId === null) throw new Error('the upload has no parts');
  return { form, uploadId, expiresAt };
}

async function upload(url: string, body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const answer = await fetch(url, { method: 'PUT', headers, body });
  expect(answer.status).toBe(200);
  return answer.headers.get('etag') ?? '';
}

describe('a file that fits into one part', () => {
  it('is uploaded by one request to an address that is good for a quarter of an hour', async () => {
    const { form, uploadId, expiresAt } = await begin(5);
    if (!('url' in form)) throw new Error('the upload has parts');
    expect(form).toMatchObject({ method: 'PUT', headers: { 'content-type': 'image/tiff' } });
    expect(uploadId).toBeNull();
    expect(expiresAt).toBe(noon + hour / 4);
    const { searchParams } = new URL(form.url);
    expect(searchParams.get('X-Amz-Date')).toBe('20261120T120000Z');
    expect(searchParams.get('X-Amz-Expires')).toBe('900');
    const etag = await upload(form.url, bytes('II*\0.'), form.headers);
    expect(await files.inspect(key)).toEqual({ size: 5, etag, head: bytes('II*\0.') });
  });

  // The emulator checks no signature: that S3 refuses other sizes and types follows from what is signed.
  it('has its size and type signed, but no checksum of the bytes that are still to come', async () => {
    const { form } = await begin(partSize);
    if (!('url' in form)) throw new Error('the upload has parts');
    const sent = { 'content-length': String(partSize), 'content-type': 'image/tiff' };
    expect(signatureOf(form.url)).toBe(signatureFor(form.url, sent));
    expect(signedHeaders(form.url)).toBe('content-length;content-type;host');
    expect(form.url).not.toMatch(/x-amz-(sdk-)?checksum/i);
  });
});

describe('a larger file', () => {
  const size = 2 * partSize + 3;
  const contents = new Uint8Array(size).map((_, index) => index >> 16);
  const cut = (number: number) => contents.slice((number - 1) * partSize, number * partSize);

  async function uploadAll(parts: readonly { number: number; url: string }[]): Promise<UploadedPart[]> {
    return Promise.all(
      parts.map(async ({ number, url }) => ({ number, etag: await upload(url, cut(number)) })),
    );
  }

  it('is uploaded in parts, in any order, and is there once they are put together', async () => {
    const { form, uploadId, expiresAt } = await beginInParts(size);
    expect(form.part_size).toBe(partSize);
    expect(form.parts.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(expiresAt).toBe(noon + 6 * hour);
    for (const { number, url } of form.parts) {
      const sent = { 'content-length': String(cut(number).length) };
      expect(signatureOf(url)).toBe(signatureFor(url, sent));
      expect(signedHeaders(url)).toBe('content-length;host');
      expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('21600');
      expect(url).not.toMatch(/x-amz-(sdk-)?checksum/i);
    }
    const uploaded = await uploadAll(form.parts);
    expect(await files.inspect(key)).toBeNull();
    await files.complete(key, uploadId, uploaded.toReversed());
    const stored = await files.inspect(key);
    expect(stored).toMatchObject({ size });
    expect(Buffer.compare(stored?.head ?? bytes(''), contents.subarray(0, 65_536))).toBe(0);
    const whole = await fetch((await files.downloadUrl(key, { name: 'x', contentType: 'image/tiff' })).url);
    expect(Buffer.compare(new Uint8Array(await whole.arrayBuffer()), contents)).toBe(0);
  });

  it('is refused with what to do while parts are missing, wrong, doubled or too small', async () => {
    const { form, uploadId } = await beginInParts(size);
    const [first, second, third] = form.parts;
    if (!first || !second || !third) throw new Error('three parts expected');
    const small = { number: 1, etag: await upload(first.url, bytes('small')) };
    const last = { number: 3, etag: await upload(third.url, cut(3)) };
    const completing = (...parts: UploadedPart[]) => files.complete(key, uploadId, parts);
    const incomplete = (message: string) => ({
      name: 'UploadIncomplete',
      message: expect.stringContaining(message),
    });
    await expect(completing({ number: 2, etag: '"none"' }, last)).rejects.toMatchObject(
      incomplete('upload that part again and send the etag of the answer'),
    );
    await expect(completing({ ...last, etag: '"other"' })).rejects.toMatchObject(
      incomplete('upload that part again'),
    );
    await expect(completing(last, last)).rejects.toMatchObject(incomplete('name each part once'));
    await expect(completing(small, last)).rejects.toMatchObject(incomplete('parts of 8388608 bytes'));
    // What was wrong can be put right.
    await files.complete(key, uploadId, await uploadAll(form.parts));
    expect(await files.inspect(key)).toMatchObject({ size });
  });

  it('can be given up, once or twice; its parts are then gone', async () => {
    const { form, uploadId } = await beginInParts(size);
    await files.abandon(key, uploadId);
    await files.abandon(key, uploadId);
    const answer = await fetch(form.parts[2]?.url ?? '', { method: 'PUT', body: cut(3) });
    expect(answer.status).toBe(404);
    await expect(files.complete(key, uploadId, [{ number: 3, etag: '"x"' }])).rejects.toMatchObject({
      name: 'UploadGone',
      message: expect.stringContaining('create a new item'),
    });
  });

  it('says that the upload is gone once it has been put together', async () => {
    const { form, uploadId } = await beginInParts(size);
    const uploaded = await uploadAll(form.parts);
    await files.complete(key, uploadId, uploaded);
    await expect(files.complete(key, uploadId, uploaded)).rejects.toMatchObject({ name: 'UploadGone' });
  });

  it('may take long to be put together, by a client of its own, but not longer than the request', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = z.object({ port: z.int() }).parse(silent.address());
    const completing = completingClient({
      ...{ endpoint: `http://127.0.0.1:${port}`, region: 'eu-central-1', forcePathStyle: true },
      credentials: { accessKeyId: 'tests', secretAccessKey: 'tests' },
    });
    const patient = createFileExchange({ client, completing, completeWithin: 100, bucket, now: () => noon });
    const { form, uploadId } = await beginInParts(size);
    const uploaded = await uploadAll(form.parts);
    await expect(patient.complete(key, uploadId, uploaded)).rejects.toMatchObject({ name: 'AbortError' });
    silent.closeAllConnections();
    silent.close();
    const { requestTimeout, socketTimeout } = z
      .object({ requestTimeout: z.int(), socketTimeout: z.int() })
      .parse(Object(completing.config.requestHandler).httpHandlerConfigs());
    expect([requestTimeout, socketTimeout]).toEqual([20_000, 20_000]);
    completing.destroy();
  });

  it('of 4 GB has its 477 addresses', async () => {
    const { form } = await beginInParts(4e9);
    expect(form.parts.length).toBe(477);
    expect(new Set(form.parts.map(({ url }) => new URL(url).searchParams.get('partNumber'))).size).toBe(477);
  });
});

describe('a stored file', () => {
  const put = (Body: string, Key = key) => client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));

  it('is told by size, tag and first bytes, also when it is empty; null when there is none', async () => {
    expect(await files.inspect(key)).toBeNull();
    const { ETag } = await put('some words');
    expect(await files.inspect(key)).toEqual({ size: 10, etag: ETag, head: bytes('some words') });
    await put('');
    expect(await files.inspect(key)).toMatchObject({ size: 0, head: bytes('') });
  });

  it('is downloaded under the name that its owner gave it, for an hour', async () => {
    await put('some words');
    const { url, expiresAt } = await files.downloadUrl(key, {
      ...{ name: 'Åre "väst".tif', contentType: 'image/tiff; application=geotiff' },
    });
    expect(expiresAt).toBe(noon + hour);
    const { searchParams } = new URL(url);
    expect(searchParams.get('X-Amz-Expires')).toBe('3600');
    expect(searchParams.get('response-content-disposition')).toBe(
      `attachment; filename="_re _v_st_.tif"; filename*=UTF-8''%C3%85re%20%22v%C3%A4st%22.tif`,
    );
    expect(new URL(url).searchParams.get('response-content-type')).toBe('image/tiff; application=geotiff');
    expect(await (await fetch(url)).text()).toBe('some words');
  });

  it('is listed and removed among as many as there are, more than a page', async () => {
    const keys = Array.from({ length: 1001 }, (_, index) => `results/a/${String(index).padStart(4, '0')}`);
    for (let start = 0; start < keys.length; start += 40) {
      await Promise.all(keys.slice(start, start + 40).map((each) => put('x', each)));
    }
    await put('x', 'results/ab/0');
    expect(await files.list('results/a/')).toEqual(keys);
    await files.remove(keys);
    await files.remove(keys.slice(0, 1));
    await files.remove([]);
    expect(await files.list('results/')).toEqual(['results/ab/0']);
  });
});

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text));
}

function signatureOf(url: string): string | null {
  return new URL(url).searchParams.get('X-Amz-Signature');
}

/**
 * The signature by which S3 takes a PUT with these headers. Source: Amazon S3, "Authenticating Requests: Using Query
 * Parameters (AWS Signature Version 4)".
 */
function signatureFor(address: string, headers: Readonly<Record<string, string>>): string {
  const { host, pathname, searchParams } = new URL(address);
  const all: Readonly<Record<string, string>> = { ...headers, host };
  const names = Object.keys(all).sort();
  const query = [...searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .sort();
  const request = [
    ...['PUT', pathname, query.join('&')],
    ...names.map((name) => `${name}:${all[name]}`),
    ...['', names.join(';'), 'UNSIGNED-PAYLOAD'],
  ].join('\n');
  const scope = '20261120/eu-central-1/s3/aws4_request';
  const digest = createHash('sha256').update(request).digest('hex');
  const key = scope
    .split('/')
    .reduce<string | Buffer>((secret, part) => hmac(secret, part).digest(), 'AWS4tests');
  return hmac(key, ['AWS4-HMAC-SHA256', '20261120T120000Z', scope, digest].join('\n')).digest('hex');
}

function hmac(key: string | Buffer, text: string) {
  return createHmac('sha256', key).update(text);
}
