import * as z from 'zod';
import type { Api } from './api-calls.ts';
import { answers, ends, until } from './grant-calls.ts';
import type { GrantStory } from './grant-world.ts';
import { downloadFile, gradientPng, noiseBmp, pagesTiff, uploadImage } from './raster-calls.ts';

const png = { name: 'plan.png', contentType: 'image/png', bytes: gradientPng(16, 16) };

/** Control points that are too many for a record. */
const manyPoints = (east: number) => ({
  control_points: Array.from({ length: 64 }, (_, index) => {
    const [image_x, image_y] = [2 * (index % 8), 2 * Math.floor(index / 8)];
    return { image_x, image_y, world_x: east + image_x / 1000, world_y: 50 - image_y / 1500 };
  }),
});

/** All that is done with images and the rasters that are made of them, told as briefly as it can be. */
export const rasterStories: readonly GrantStory[] = [
  {
    name: 'an image is uploaded, looked at, converted, downloaded and deleted',
    async tell(world) {
      const { api } = world;
      const path = await uploadPng(api);
      await answers(api, 200, 'GET', `${path}/probe`);
      await ends(world, await startMaking(api, path, 'convert-to-geo-raster'), 'SUCCESS');
      for (const file of ['original', 'geo_raster']) await downloadFile(api, path, file);
      await answers(api, 200, 'GET', '/api/v1/tree-items');
      await answers(api, 204, 'DELETE', path);
    },
  },
  {
    name: 'an image of many pages is looked at: too many to be told in a record',
    async tell({ api }) {
      const image = { name: 'scan.tif', contentType: 'image/tiff', bytes: pagesTiff(400) };
      await answers(api, 200, 'GET', `${await uploadImage(api, image)}/probe`);
    },
  },
  {
    name: 'an image is fitted to control points, fitted anew, and is as it was once they are reset',
    async tell(world) {
      const { api } = world;
      const path = await uploadPng(api);
      for (const east of [8, 9]) {
        const taskId = await startMaking(api, path, 'apply-georeferencing', manyPoints(east));
        await ends(world, taskId, 'SUCCESS');
      }
      await answers(api, 200, 'POST', `${path}/reset-georeferencing`);
    },
  },
  {
    name: 'an upload in parts is given up',
    async tell({ api }) {
      const json = { name: 'large.bmp', content_type: 'image/bmp', size: 9_000_000 };
      const { id } = created.parse(await answers(api, 201, 'POST', '/api/v1/tree-items', json));
      await answers(api, 204, 'DELETE', `/api/v1/tree-items/${id}`);
    },
  },
  {
    name: 'a raster in parts breaks off on its way, and nothing of it is left',
    async tell(world) {
      const image = { name: 'noise.bmp', contentType: 'image/bmp', bytes: noiseBmp(1300) };
      const path = await uploadImage(world.api, image);
      const lack = { action: 's3:PutObject', resource: '/results/', fn: 'GeoProcessingWorker' };
      await world.without({ ...lack, afterFirst: true }, async () => {
        const taskId = await startMaking(world.api, path, 'convert-to-geo-raster');
        mustHaveFailedOn('AccessDenied', await ends(world, taskId, 'RETRY'));
      });
      await answers(world.api, 204, 'DELETE', path);
    },
  },
  {
    name: 'a task whose arguments are gone is tried again',
    async tell(world) {
      const path = await uploadPng(world.api);
      await world.pauseQueue('geo_processing', true);
      try {
        const taskId = await startMaking(world.api, path, 'apply-georeferencing', manyPoints(8));
        await world.removePayloads(taskId);
        await world.pauseQueue('geo_processing', false);
        // All of the record can no longer be told either.
        await until(world, async () => {
          const told = await answers(world.api, 200, 'GET', `/api/v1/tasks/${taskId}/status`);
          const { status } = z.looseObject({ status: z.string().nullable() }).parse(told);
          return status?.includes('failed with PayloadMissing') === true;
        });
      } finally {
        await world.pauseQueue('geo_processing', false);
      }
    },
  },
];

const created = z.looseObject({ id: z.string() });

/** Uploads a small image; resolves with its item's path. */
export function uploadPng(api: Api): Promise<string> {
  return uploadImage(api, png);
}

const started = z.looseObject({ task_id: z.string() });

/** Asks for work on an item; resolves with its task's id. */
export async function startMaking(api: Api, path: string, verb: string, json?: unknown): Promise<string> {
  return started.parse(await answers(api, 202, 'POST', `${path}/${verb}`, json)).task_id;
}

function mustHaveFailedOn(type: string, record: { error: { type: string } | null } | undefined): void {
  if (record?.error?.type === type) return;
  throw new Error(`the attempt was to fail on ${type}, not on ${record?.error?.type}`);
}
