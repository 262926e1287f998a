import { createLocation } from '#functions/locations/create-location.ts';
import type { LocationStore } from '#functions/locations/location-store.ts';
import { readLocation } from '#functions/locations/read-location.ts';
import { routes, taskSpecs } from '#functions/registry.ts';
import { bindRoutes } from '#functions/runtime/bind-routes.ts';
import type { RouteHandler } from '#functions/runtime/implement-route.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';
import { checkHealth, type HealthChecks } from './check-health.ts';
import { answerTask, answerTaskList, answerTaskStatus } from './read-tasks.ts';
import { submitTask } from './submit-task.ts';

/** What the API's routes work with. */
export interface ApiPorts {
  readonly pipeline: PipelinePorts;
  readonly locations: LocationStore;
  readonly health: HealthChecks;
}

/** The work of every route in the registry; throws when one has none, or more than one. */
export function apiHandlers({ pipeline, locations, health }: ApiPorts): readonly RouteHandler[] {
  return bindRoutes(routes, [
    checkHealth(health, pipeline.clock),
    submitTask(pipeline, taskSpecs),
    answerTask(pipeline),
    answerTaskStatus(pipeline),
    answerTaskList(pipeline),
    createLocation(pipeline, locations),
    readLocation(locations),
  ]);
}
