import { isRefusal, type Refusal } from '../lifecycle/refusal.ts';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import { type TaskEvent, transition } from '../lifecycle/transitions.ts';
import { latestLook } from '../lifecycle/wake.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import type { LockTaking } from '../ports/task-store.ts';

const mostConflicts = 20;

/** Thrown when a record was changed by others at every try to save it. */
export class SaveConflict extends Error {
  override name = 'SaveConflict';
}

/**
 * Applies an event to a record and saves it by compare-and-swap. On a conflict the event is decided anew on the record
 * that stood in the way: never from the failed condition alone. `lock` is taken with it. Returns the saved record or the
 * refusal; throws SaveConflict when it never got through, LockTaken, and whatever the store throws.
 */
export async function saveTransition(
  ports: Pick<PipelinePorts, 'store' | 'clock' | 'newId'>,
  record: TaskRecord,
  event: TaskEvent,
  lock: LockTaking | null = null,
): Promise<TaskRecord | Refusal> {
  let current = record;
  for (let conflicts = 0; conflicts < mostConflicts; conflicts++) {
    const now = ports.clock.now();
    const next = transition(current, event, now);
    if (isRefusal(next)) return next;
    const saving = { ...next, version: current.version + 1, writer: ports.newId() };
    const saved = await ports.store.save(saving, current, { wakeBy: latestLook(next, now), lock });
    if (saved.saved) return saving;
    if (saved.current === null) throw new Error(`the record of task ${record.taskId} is gone`);
    current = saved.current;
  }
  throw new SaveConflict(`task ${record.taskId}: ${mostConflicts} saves in a row met a conflict`);
}
