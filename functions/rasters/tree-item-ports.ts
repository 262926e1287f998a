import type { SubmitTask } from '#functions/runtime/submit-task.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';
import type { FileExchange } from './tree-item-files.ts';
import type { TreeItemStore } from './tree-item-store.ts';

/** What the routes of tree items work with. */
export interface TreeItemPorts {
  readonly items: TreeItemStore;
  readonly files: FileExchange;
  readonly submit: SubmitTask;
  /** Accepts tasks and waits until their worker has done with them: a probe's answer is what the task found. */
  readonly probe: SubmitTask;
  /** Reads and cancels tasks. Its ids (UUIDv7) become the items' ids, whose order is the order of the listing. */
  readonly pipeline: Pick<PipelinePorts, 'store' | 'payloads' | 'clock' | 'newId'>;
}
