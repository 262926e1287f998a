import * as z from 'zod';
import { defineRoute, noBody, type Route } from '#functions/runtime/define-route.ts';
import { pageQuery } from '#functions/runtime/paging.ts';
import { locationChange, locationInput, locationPageView, locationView } from './location.ts';

const onePath = '/api/v1/locations/{location_id}';
const oneParams = z.strictObject({ location_id: z.string().min(1).max(128) });

/** Stores a location and queues its enrichment. */
export const createLocationRoute = defineRoute({
  method: 'POST',
  path: '/api/v1/locations',
  scope: 'submit',
  summary: 'Stores a location and queues its enrichment with address and elevation.',
  body: locationInput,
  output: locationView,
  status: 201,
});

/** Lists locations. */
export const listLocationsRoute = defineRoute({
  method: 'GET',
  path: '/api/v1/locations',
  scope: 'read',
  summary: "Lists the tenant's locations, newest first.",
  query: z.strictObject(pageQuery),
  output: locationPageView,
});

/** Answers a location. */
export const readLocationRoute = defineRoute({
  method: 'GET',
  path: onePath,
  scope: 'read',
  summary: 'Answers a location as it is now.',
  params: oneParams,
  output: locationView,
});

/** Changes a location. */
export const updateLocationRoute = defineRoute({
  method: 'PATCH',
  path: onePath,
  scope: 'submit',
  summary: 'Changes a location; a new place, or an elevation forgotten by null, queues its enrichment.',
  params: oneParams,
  body: locationChange,
  output: locationView,
});

/** Forgets a location. */
export const deleteLocationRoute = defineRoute({
  method: 'DELETE',
  path: onePath,
  scope: 'submit',
  summary: 'Forgets a location.',
  params: oneParams,
  output: noBody,
});

/** The routes of the locations system. */
export const locationRoutes: readonly Route[] = [
  createLocationRoute,
  listLocationsRoute,
  readLocationRoute,
  updateLocationRoute,
  deleteLocationRoute,
];
