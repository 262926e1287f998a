import { randomFillSync } from 'node:crypto';
import { PNG } from 'pngjs';
import { expect } from 'vitest';
import * as z from 'zod';
import { type Api, ask } from './api-calls.ts';

/** A file to be uploaded, and what else the item is told. */
export interface UploadedImage {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Buffer<ArrayBuffer>;
  readonly georeference?: unknown;
}

const created = z.object({
  id: z.string(),
  upload: z.union([
    z.object({ url: z.string(), headers: z.record(z.string(), z.string()) }),
    z.object({ parts: z.array(z.object({ number: z.int(), url: z.string() })), part_size: z.int() }),
  ]),
});

/** Makes an item and uploads its file as the answer says, in one part or many; resolves with the item's path. */
export async function uploadImage(target: Api, image: UploadedImage): Promise<string> {
  const { name, contentType: content_type, bytes, georeference = null } = image;
  const json = { name, content_type, size: bytes.length, georeference };
  const answer = await ask(target, 'POST', '/api/v1/tree-items', { json });
  expect(answer).toMatchObject({ status: 201, body: { object_type: 'raw_file', uploaded: false } });
  const { id, upload } = created.parse(answer.body);
  const path = `/api/v1/tree-items/${id}`;
  const confirmed = await ask(target, 'POST', `${path}/uploaded`, {
    json: await putFile(upload, bytes),
  });
  expect(confirmed).toMatchObject({ status: 200, body: { uploaded: true, size: bytes.length } });
  return path;
}

async function putFile(upload: z.output<typeof created>['upload'], bytes: Buffer<ArrayBuffer>) {
  if ('url' in upload) {
    await put(upload.url, bytes, upload.headers);
    return {};
  }
  const parts: { number: number; etag: string }[] = [];
  for (const { number, url } of upload.parts) {
    const from = (number - 1) * upload.part_size;
    const { headers } = await put(url, bytes.subarray(from, from + upload.part_size));
    parts.push({ number, etag: headers.get('etag') ?? '' });
  }
  return { parts };
}

async function put(url: string, body: Buffer<ArrayBuffer>, headers: Record<string, string> = {}) {
  const response = await fetch(url, { method: 'PUT', body, headers });
  if (!response.ok) throw new Error(`the upload was refused: ${response.status} ${await response.text()}`);
  return response;
}

/** Downloads one of an item's files. */
export async function downloadFile(target: Api, path: string, file: string): Promise<Buffer> {
  const { body } = await ask(target, 'GET', `${path}/download?file=${file}`);
  const response = await fetch(z.object({ url: z.string() }).parse(body).url);
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

/** A PNG whose every pixel tells where it is. */
export function gradientPng(width: number, height: number): Buffer<ArrayBuffer> {
  const png = new PNG({ width, height, colorType: 2 });
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) png.data.set([x % 256, y % 256, (x + y) % 256, 255], 4 * (y * width + x));
  }
  return Buffer.from(PNG.sync.write(png, { colorType: 2 }));
}

/** A BMP of noise, which takes long to compress. Its side must be a multiple of 4. */
export function noiseBmp(side: number): Buffer<ArrayBuffer> {
  const headerSize = 54;
  const bmp = Buffer.alloc(headerSize + 3 * side * side);
  randomFillSync(bmp, headerSize);
  bmp.write('BM', 0, 'latin1');
  bmp.writeUInt32LE(bmp.length, 2);
  bmp.writeUInt32LE(headerSize, 10);
  bmp.writeUInt32LE(40, 14);
  bmp.writeInt32LE(side, 18);
  bmp.writeInt32LE(side, 22);
  bmp.writeUInt16LE(1, 26);
  bmp.writeUInt16LE(24, 28);
  return bmp;
}

/** A TIFF of pages of one pixel each. */
export function pagesTiff(pages: number): Buffer<ArrayBuffer> {
  const [headerSize, pageSize] = [8, 2 + 9 * 12 + 4];
  const tiff = Buffer.alloc(headerSize + pages * pageSize);
  tiff.write('II', 0, 'latin1');
  tiff.writeUInt16LE(42, 2);
  tiff.writeUInt32LE(headerSize, 4);
  for (let page = 0; page < pages; page++) {
    const start = headerSize + page * pageSize;
    // Width, height, bits, compression, meaning, where the pixel is, samples, rows and bytes of the strip.
    const tags = [256, 257, 258, 259, 262, 273, 277, 278, 279];
    const values = [1, 1, 8, 1, 1, headerSize, 1, 1, 1];
    tiff.writeUInt16LE(tags.length, start);
    for (const [index, tag] of tags.entries()) {
      const entry = start + 2 + 12 * index;
      tiff.writeUInt16LE(tag, entry);
      tiff.writeUInt16LE(4, entry + 2);
      tiff.writeUInt32LE(1, entry + 4);
      tiff.writeUInt32LE(values[index] ?? 0, entry + 8);
    }
    const isLast = page === pages - 1;
    tiff.writeUInt32LE(isLast ? 0 : start + pageSize, start + pageSize - 4);
  }
  return tiff;
}
