import { apiRoutes } from './api/routes.ts';
import { locationRoutes } from './locations/routes.ts';
import { rasterRoutes } from './rasters/routes.ts';

/**
 * Every route of the HTTP API: read by the router, the template and the documentation, as pure data. Apart from the
 * registry of tasks, because workers need no routes and would start later for them.
 */
export const routes = [...apiRoutes, ...locationRoutes, ...rasterRoutes];
