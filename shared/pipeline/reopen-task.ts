import { isRefusal, type Refusal } from '../lifecycle/refusal.ts';
import { type Reopening, reopen } from '../lifecycle/reopen.ts';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { saveTransition } from './save-transition.ts';
import { lookAtLock } from './unique-lock.ts';

const mostTries = 10;

/**
 * Saves the next epoch of an ended task, together with its unique lock if it has one: `lock-held` when another task has
 * taken that meanwhile. Throws LockTaken when others took it at every try, and what the store throws.
 */
export async function reopenTask(
  ports: Pick<PipelinePorts, 'store' | 'clock' | 'newId'>,
  record: TaskRecord,
  reopening: Reopening,
): Promise<TaskRecord | Refusal> {
  const event = { kind: 'reopen', ...reopening } as const;
  const { uniqueKey } = reopening.edited ?? record;
  if (uniqueKey === null) return saveTransition(ports, record, event);
  // Why it cannot be opened comes before who holds its lock.
  const outlook = reopen(record, reopening, ports.clock.now());
  if (isRefusal(outlook)) return outlook;
  for (let tries = 1; ; tries++) {
    const lock = await lookAtLock(ports, uniqueKey, record.taskId);
    if ('heldBy' in lock) return { refused: 'lock-held' };
    try {
      return await saveTransition(ports, record, event, lock.free);
    } catch (error) {
      if (tries === mostTries || !(error instanceof Error) || error.name !== 'LockTaken') throw error;
    }
  }
}
