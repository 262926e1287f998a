import { PNG } from 'pngjs';
import * as z from 'zod';
import type { ApiClient } from './api-client.ts';

const created = z.object({
  id: z.string(),
  upload: z.object({ url: z.string(), headers: z.record(z.string(), z.string()) }),
});
const anything = z.looseObject({});
const started = z.object({ task_id: z.string() });

/** Uploads an image with its place on Earth, as any client does, and asks for its conversion; resolves with the task's id. */
export async function convertDemoImage(api: ApiClient): Promise<string> {
  const image = drawHills(512);
  const { id, upload } = await api('POST', '/api/v1/tree-items', created, {
    name: 'hills.png',
    content_type: 'image/png',
    size: image.length,
    georeference: { crs: 'EPSG:32633', bounds: [380_000, 5_810_000, 385_120, 5_815_120] },
  });
  const stored = await fetch(upload.url, { method: 'PUT', headers: upload.headers, body: image });
  if (!stored.ok) throw new Error(`the upload was refused: ${stored.status} ${await stored.text()}`);
  await api('POST', `/api/v1/tree-items/${id}/uploaded`, anything, {});
  const { task_id } = await api('POST', `/api/v1/tree-items/${id}/convert-to-geo-raster`, started);
  return task_id;
}

/** A square PNG of soft hills. */
function drawHills(side: number): Buffer<ArrayBuffer> {
  const png = new PNG({ width: side, height: side });
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const height = 128 + 60 * Math.sin(x / 37) * Math.cos(y / 53) + 40 * Math.sin((x + y) / 91);
      png.data.set([height / 2, height, 255 - height, 255], 4 * (y * side + x));
    }
  }
  return Buffer.from(PNG.sync.write(png, { colorType: 2 }));
}
