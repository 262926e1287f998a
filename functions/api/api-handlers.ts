import { createLocation } from '#functions/locations/create-location.ts';
import { deleteLocation } from '#functions/locations/delete-location.ts';
import { listLocations } from '#functions/locations/list-locations.ts';
import type { LocationStore } from '#functions/locations/location-store.ts';
import { readLocation } from '#functions/locations/read-location.ts';
import { updateLocation } from '#functions/locations/update-location.ts';
import { treeItemHandlers } from '#functions/rasters/tree-item-handlers.ts';
import type { TreeItemPorts } from '#functions/rasters/tree-item-ports.ts';
import { taskSpecs } from '#functions/registry.ts';
import { routes } from '#functions/route-registry.ts';
import { bindRoutes } from '#functions/runtime/bind-routes.ts';
import type { RouteHandler } from '#functions/runtime/implement-route.ts';
import type { SubmitTask } from '#functions/runtime/submit-task.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';
import { answerCancel } from './cancel-task.ts';
import { checkHealth, type HealthChecks } from './check-health.ts';
import { answerTask, answerTaskList, answerTaskStatus } from './read-tasks.ts';
import { answerRedrive } from './redrive.ts';
import { answerRetry } from './retry-task.ts';
import { submitTask } from './submit-task.ts';

/** What the API's routes work with. */
export interface ApiPorts {
  readonly pipeline: PipelinePorts;
  /** Accepts tasks, and decides whether the answer waits for the work. */
  readonly submit: SubmitTask;
  readonly locations: LocationStore;
  readonly rasters: Pick<TreeItemPorts, 'items' | 'files' | 'probe'>;
  readonly health: HealthChecks;
}

/** The work of every route in the registry; throws when one has none, or more than one. */
export function apiHandlers(ports: ApiPorts): readonly RouteHandler[] {
  const { pipeline, submit, locations, rasters, health } = ports;
  const { clock, newId } = pipeline;
  const locationPorts = { locations, submit, clock, newId };
  return bindRoutes(routes, [
    checkHealth(health, pipeline.clock),
    submitTask(submit, taskSpecs, pipeline),
    answerTask(pipeline),
    answerTaskStatus(pipeline),
    answerTaskList(pipeline),
    answerCancel(pipeline),
    answerRetry(pipeline, taskSpecs),
    answerRedrive(pipeline),
    createLocation(locationPorts),
    listLocations(locations),
    readLocation(locations),
    updateLocation(locationPorts),
    deleteLocation(locations),
    ...treeItemHandlers({ ...rasters, submit, pipeline }),
  ]);
}
