import type { RequestScene } from '#functions/runtime/implement-route.ts';
import { Problem } from '#functions/runtime/problem.ts';
import type { SubmissionScene } from '#functions/runtime/submit-task.ts';
import { isRunning, type TaskRecord } from '#shared/lifecycle/task-record.ts';
import { AlongsideRefused } from '#shared/ports/alongside-write.ts';
import type { TaskSpec } from '#shared/tasks/define-task.ts';
import { changeTreeItem } from './change-tree-item.ts';
import { mustBeUploaded } from './read-tree-item.ts';
import type { RasterKind, TreeItem } from './tree-item.ts';
import type { TreeItemPorts } from './tree-item-ports.ts';

/** A task that is to give an item a raster. */
export interface MakingSubmission {
  readonly itemId: string;
  readonly kind: RasterKind;
  readonly spec: TaskSpec;
  readonly input: object;
  /** Throws a Problem for an uploaded item that this raster must not be made of. @default none */
  checkItem?(item: TreeItem): void;
  /** Throws a Problem for an unfinished task of the same kind that is none to answer instead. @default none */
  checkTask?(task: TaskRecord): Promise<void>;
}

type MakingPorts = Pick<TreeItemPorts, 'items' | 'submit' | 'pipeline'>;

/**
 * Accepts a task that makes a raster, and names it in the item, both or neither; an unfinished task of the same kind is
 * answered instead. Changed by others meanwhile, the item is read again and all decided anew. Throws a Problem: 404, 409
 * for an item that is not uploaded and while the task before is being cancelled; and what the checks and `submit` throw.
 */
export async function submitMaking(
  ports: MakingPorts,
  making: MakingSubmission,
  scene: Pick<RequestScene, 'caller'> & SubmissionScene,
): Promise<TaskRecord> {
  const { tenant } = scene.caller;
  const { itemId: id, kind, spec, input } = making;
  const taskId = ports.pipeline.newId();
  return changeTreeItem(ports.items, { tenant, id }, async (item) => {
    mustBeUploaded(item);
    making.checkItem?.(item);
    const alongside = [ports.items.replacement(naming(ports, item, kind, taskId))];
    try {
      const { record } = await ports.submit({ spec, input, tenant, taskId, alongside }, scene);
      return record.taskId === taskId ? record : await join(ports, item, making, record);
    } catch (error) {
      if (error instanceof AlongsideRefused) return null;
      throw error;
    }
  });
}

/** Lets the unfinished task count as the one that was asked for; null when others have changed the item first. */
async function join(
  ports: MakingPorts,
  item: TreeItem,
  { kind, checkTask }: MakingSubmission,
  record: TaskRecord,
): Promise<TaskRecord | null> {
  if (isRunning(record) && record.cancelRequest !== null) throw beingCancelled(record);
  await checkTask?.(record);
  const { taskId } = record;
  if (item.makings[kind]?.taskId === taskId) return record;
  // Retried after another one, or submitted by itself: it would find that the item does not wait for it.
  return (await ports.items.save(naming(ports, item, kind, taskId))) ? record : null;
}

function naming({ pipeline }: MakingPorts, item: TreeItem, kind: RasterKind, taskId: string): TreeItem {
  const makings = { ...item.makings, [kind]: { taskId, resultId: null } };
  return { ...item, makings, updatedAt: pipeline.clock.now(), revision: item.revision + 1 };
}

function beingCancelled({ taskId }: TaskRecord): Problem {
  return new Problem('conflict', `task ${taskId} is being cancelled: try again in some seconds`, {
    headers: { location: `/api/v1/tasks/${taskId}`, 'retry-after': '5' },
  });
}
