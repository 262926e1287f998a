import * as z from 'zod';
import { defineRoute, type Route } from '#functions/runtime/define-route.ts';
import { locationInput, locationView } from './location.ts';

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

/** Answers a location. */
export const readLocationRoute = defineRoute({
  method: 'GET',
  path: '/api/v1/locations/{location_id}',
  scope: 'read',
  summary: 'Answers a location as it is now.',
  params: z.strictObject({ location_id: z.string().max(128) }),
  output: locationView,
});

/** The routes of the locations system. */
export const locationRoutes: readonly Route[] = [createLocationRoute, readLocationRoute];
