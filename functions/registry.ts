import type { TaskSpec } from '#shared/tasks/define-task.ts';
import { apiRoutes } from './api/routes.ts';
import { locationRoutes } from './locations/routes.ts';
import { enrichLocationData } from './locations/specs.ts';
import { healthCheck, testCelery } from './toolbox/specs.ts';

/** Every task that can be asked for: read by the API, the command line and the template, as pure data. */
export const taskSpecs: readonly TaskSpec[] = [enrichLocationData, testCelery, healthCheck];

/** Every route of the HTTP API: read by the router, the template and the documentation, as pure data. */
export const routes = [...apiRoutes, ...locationRoutes];
