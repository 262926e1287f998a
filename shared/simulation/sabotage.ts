import type { executeBatch } from '../pipeline/execute-batch.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import type { Delivery } from '../ports/task-queue.ts';
import type { TaskImplementation } from '../tasks/implement-task.ts';
import type { SimProcess } from './process.ts';
import type { Services } from './process-ports.ts';

/** A fault that is built into the pipeline on purpose, to see whether the rules notice. */
export interface Sabotage {
  readonly name: string;
  readonly description: string;
  /** Changes what the services do for a process, beyond the network: what it does there is done in one go. */
  services?(services: Services, process: SimProcess): Services;
  /** Changes what a process is told by its ports, on this side of the network. */
  ports?(ports: PipelinePorts, process: SimProcess): PipelinePorts;
  /** Changes a message before the worker sees it. */
  delivery?<D extends Delivery>(delivery: D, ports: Services): Promise<D>;
  /** Changes what a worker runs. */
  implementation?(implementation: TaskImplementation): TaskImplementation;
  /** Handles a batch in place of the pipeline. */
  readonly execute?: typeof executeBatch;
  /** Whether the reconciler never runs. @default false */
  readonly withoutReconciler?: boolean;
}
