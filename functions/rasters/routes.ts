import * as z from 'zod';
import { defineRoute, noBody, type Route } from '#functions/runtime/define-route.ts';
import { pageQuery } from '#functions/runtime/paging.ts';
import { isoTime, text } from '#shared/plain-schemas.ts';
import { rasterProbe } from './conversion/raster-jobs.ts';
import { controlPoints } from './specs.ts';
import {
  controlPointView,
  conversionView,
  createdItemView,
  startedView,
  treeItemInput,
  treeItemPageView,
  treeItemView,
} from './tree-item-views.ts';

const onePath = '/api/v1/tree-items/{item_id}';
const params = z.strictObject({ item_id: z.string().min(1).max(128) });

/** Makes an item and says where its file is to be uploaded. */
export const createTreeItemRoute = defineRoute({
  method: 'POST',
  path: '/api/v1/tree-items',
  scope: 'submit',
  summary: 'Makes an item for a file and says where to upload it, in parts when it is large.',
  body: treeItemInput,
  output: createdItemView,
  status: 201,
});

/** Checks the uploaded file. */
export const confirmUploadRoute = defineRoute({
  method: 'POST',
  path: `${onePath}/uploaded`,
  scope: 'submit',
  summary: 'Checks the uploaded file: that it is there, as large as was said, and an image by its content.',
  params,
  body: z
    .strictObject({
      parts: z
        .array(z.strictObject({ number: z.int().min(1).max(10_000), etag: z.string().min(1).max(200) }))
        .min(1)
        .max(10_000)
        .optional(),
    })
    .default({}),
  output: treeItemView,
});

/** Lists items. */
export const listTreeItemsRoute = defineRoute({
  method: 'GET',
  path: '/api/v1/tree-items',
  scope: 'read',
  summary: "Lists the tenant's items, newest first.",
  query: z.strictObject(pageQuery),
  output: treeItemPageView,
});

/** Answers an item. */
export const readTreeItemRoute = defineRoute({
  method: 'GET',
  path: onePath,
  scope: 'read',
  summary: 'Answers an item as it is now.',
  params,
  output: treeItemView,
});

/** Deletes an item and its files. */
export const deleteTreeItemRoute = defineRoute({
  method: 'DELETE',
  path: onePath,
  scope: 'submit',
  summary: 'Deletes an item, its file and what was made of it; tasks that work on it are cancelled.',
  params,
  output: noBody,
});

/** Says where a file can be downloaded. */
export const downloadRoute = defineRoute({
  method: 'GET',
  path: `${onePath}/download`,
  scope: 'read',
  summary: 'Answers an address that gives the original or the geo-raster for an hour.',
  params,
  query: z.strictObject({ file: z.enum(['original', 'geo_raster']).default('original') }),
  output: z.object({ url: text, expires_at: isoTime }),
});

/** Starts a conversion. */
export const convertRoute = defineRoute({
  method: 'POST',
  path: `${onePath}/convert-to-geo-raster`,
  scope: 'submit',
  summary:
    'Starts the conversion to a Cloud-Optimized GeoTIFF; while one runs, that one is answered. 400 when there is a geo-raster already.',
  params,
  output: startedView,
  status: 202,
});

/** Answers how far a conversion is. */
export const conversionStatusRoute = defineRoute({
  method: 'GET',
  path: `${onePath}/conversion-status`,
  scope: 'read',
  summary: "Answers how far an item's conversion is.",
  params,
  output: conversionView,
});

/** Tells what a file's header tells. */
export const probeRoute = defineRoute({
  method: 'GET',
  path: `${onePath}/probe`,
  scope: 'read',
  summary: "Answers what the file's header tells: format, size, bands, CRS; 504 while that takes longer.",
  params,
  output: rasterProbe.omit({ is_cog: true }),
});

/** Says what control points amount to. */
export const validateControlPointsRoute = defineRoute({
  method: 'POST',
  path: `${onePath}/validate-control-points`,
  scope: 'read',
  summary: 'Fits control points by an affine transform and says how well it fits; changes nothing.',
  params,
  body: controlPoints,
  output: controlPointView,
});

/** Starts fitting an image to control points. */
export const applyGeoreferencingRoute = defineRoute({
  method: 'POST',
  path: `${onePath}/apply-georeferencing`,
  scope: 'submit',
  summary:
    'Starts fitting the original to control points, warped to EPSG:3857; the result is the geo-raster.',
  params,
  body: controlPoints,
  output: startedView,
  status: 202,
});

/** Forgets control points. */
export const resetGeoreferencingRoute = defineRoute({
  method: 'POST',
  path: `${onePath}/reset-georeferencing`,
  scope: 'submit',
  summary: 'Removes what was made by control points: the item is as it was before they were applied.',
  params,
  output: treeItemView,
});

/** The routes of the geo-rasters system. */
export const rasterRoutes: readonly Route[] = [
  createTreeItemRoute,
  listTreeItemsRoute,
  readTreeItemRoute,
  deleteTreeItemRoute,
  confirmUploadRoute,
  downloadRoute,
  convertRoute,
  conversionStatusRoute,
  probeRoute,
  validateControlPointsRoute,
  applyGeoreferencingRoute,
  resetGeoreferencingRoute,
];
