import { Duration, Size, type Stack } from 'aws-cdk-lib';
import { taskSpecs } from '#functions/registry.ts';
import { bundlesBeside } from '../constructs/bundling.ts';
import { rasterThreadHooks } from '../constructs/raster-thread.ts';
import { SecretParameter } from '../constructs/secret-parameter.ts';
import { TaskQueue } from '../constructs/task-queue.ts';
import { Worker } from '../constructs/worker.ts';
import type { StageSettings } from '../stages.ts';
import type { StatefulStack } from './stateful-stack.ts';

/** What every worker is declared with. */
interface Surroundings {
  readonly stage: StageSettings;
  readonly stateful: StatefulStack;
}

/** Short tasks that mostly wait for others: ten of a batch run side by side. */
export function declareDefaultWorker(stack: Stack, surroundings: Surroundings) {
  const { stage, stateful } = surroundings;
  const timeout = Duration.seconds(330);
  const queues = {
    default: new TaskQueue(stack, 'DefaultQueue', { stage, name: 'default', consumerTimeout: timeout }),
    priority: new TaskQueue(stack, 'PriorityQueue', { stage, name: 'priority', consumerTimeout: timeout }),
  };
  const worker = new Worker(stack, 'DefaultWorker', {
    stage,
    name: 'default-worker',
    entry: 'functions/workers/default.ts',
    beside: bundlesBeside(['functions/toolbox/count-primes-thread.ts']),
    memorySize: 512,
    timeout,
    tasks: taskSpecs,
    consumes: [
      { queue: queues.default, batchSize: 10, maxConcurrency: 50 },
      { queue: queues.priority, batchSize: 10, maxConcurrency: 10 },
    ],
  });
  grantRunning(worker, Object.values(queues), surroundings);
  // Tasks in steps, and those that a limit puts off, go on by a message of their own. No other queue has any yet.
  stateful.pipelineTable.grantSteps(worker.function);
  for (const queue of Object.values(queues)) queue.grantSend(worker.function);
  stateful.applicationTable.grantCount(worker.function);
  stateful.payloadBucket.grantRemove(worker.function);
  const mapboxToken = new SecretParameter(stack, 'MapboxToken', {
    stage,
    name: 'mapbox-token',
    variable: 'MAPBOX_TOKEN_PARAMETER',
  });
  mapboxToken.grantRead(worker.function);
  worker.function.addEnvironment('MAPBOX_BASE_URL', stage.mapbox.baseUrl);
  worker.function.addEnvironment('MAPBOX_PERMANENT', String(stage.mapbox.permanent));
  worker.function.addEnvironment('DISABLE_EXTERNAL_APIS', String(stage.externalApisDisabled));
  return { worker, queues };
}

/** Geo-rasters: one at a time, with a processor and more, and room for the largest on its disk. See docs/rasters.md. */
export function declareGeoProcessingWorker(stack: Stack, surroundings: Surroundings) {
  const { stage, stateful } = surroundings;
  const timeout = Duration.seconds(900);
  const queue = new TaskQueue(stack, 'GeoProcessingQueue', {
    stage,
    name: 'geo_processing',
    consumerTimeout: timeout,
  });
  const worker = new Worker(stack, 'GeoProcessingWorker', {
    stage,
    name: 'geo-processing-worker',
    entry: 'functions/workers/geo-processing.ts',
    beside: rasterThreadHooks,
    // The most that a new account may have.
    memorySize: 3008,
    timeout,
    ephemeralStorage: Size.gibibytes(10),
    tasks: taskSpecs,
    consumes: [{ queue, batchSize: 1, maxConcurrency: 2 }],
  });
  grantRunning(worker, [queue], surroundings);
  stateful.fileBucket.grantMakeResults(worker.function);
  return { worker, queues: { geo_processing: queue } };
}

/** What running tasks takes, whichever they are. */
function grantRunning(
  { function: fn }: Worker,
  queues: readonly TaskQueue[],
  { stateful }: Surroundings,
): void {
  stateful.pipelineTable.grantReadWrite(fn);
  stateful.applicationTable.grantReadWrite(fn);
  stateful.payloadBucket.grantReadWrite(fn);
  for (const queue of queues) queue.grantDeadLetter(fn);
}
