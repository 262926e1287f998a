import { keyedId } from '../lifecycle/keyed-id.ts';
import { isEnded, type TaskRecord } from '../lifecycle/task-record.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import type { LockTaking } from '../ports/task-store.ts';
import type { TaskSpec } from '../tasks/define-task.ts';

/** The lock of a task with this input, which the spec must have accepted; null for tasks that may run side by side. */
export function uniqueKeyOf(spec: TaskSpec, tenant: string, input: unknown): string | null {
  const key = spec.unique?.(input);
  return key === undefined ? null : keyedId('unique', tenant, spec.name, key);
}

/** A lock as it was found: free to be taken, or held by an unfinished task. */
export type LockState = { readonly free: LockTaking } | { readonly heldBy: TaskRecord };

/**
 * Looks at a lock. Nobody releases one: a holder that has ended, is gone or has other arguments now holds it no longer.
 * Whoever takes a free lock must do so with what was seen here, and look again when that throws LockTaken.
 */
export async function lookAtLock(
  ports: Pick<PipelinePorts, 'store'>,
  key: string,
  forTaskId: string,
): Promise<LockState> {
  const from = await ports.store.readLock(key);
  if (from === null || from.taskId === forTaskId) return { free: { key, from } };
  const holder = await ports.store.read(from.taskId);
  const holds = holder !== null && !isEnded(holder) && holder.uniqueKey === key;
  return holds ? { heldBy: holder } : { free: { key, from } };
}
