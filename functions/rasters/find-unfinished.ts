import type { TaskRecord } from '#shared/lifecycle/task-record.ts';
import { cancelTask } from '#shared/pipeline/cancel-task.ts';
import { lookAtLock, uniqueKeyOf } from '#shared/pipeline/unique-lock.ts';
import type { TaskSpec } from '#shared/tasks/define-task.ts';
import type { TreeItem } from './tree-item.ts';
import type { TreeItemPorts } from './tree-item-ports.ts';

type Whose = Pick<TreeItem, 'id' | 'tenant'>;

/**
 * The one task of this spec that waits or runs for an item, or null. Its lock tells, not the item: a task that was
 * retried, or submitted by itself, is in the item only once its attempt has begun.
 */
export async function findUnfinished(
  pipeline: Pick<TreeItemPorts['pipeline'], 'store'>,
  spec: TaskSpec,
  { id, tenant }: Whose,
): Promise<TaskRecord | null> {
  const key = uniqueKeyOf(spec, tenant, { tree_item_id: id });
  if (key === null)
    throw new Error(`task ${spec.name} has no lock: nothing tells which of them are unfinished`);
  const lock = await lookAtLock(pipeline, key, '');
  return 'heldBy' in lock ? lock.heldBy : null;
}

/** Cancels the tasks of these specs that wait or run for an item, on behalf of `by`. */
export async function cancelUnfinished(
  pipeline: TreeItemPorts['pipeline'],
  specs: readonly TaskSpec[],
  item: Whose,
  by: string,
): Promise<void> {
  for (const spec of specs) {
    const task = await findUnfinished(pipeline, spec, item);
    if (task !== null) await cancelTask(pipeline, { tenant: item.tenant, taskId: task.taskId, by });
  }
}
