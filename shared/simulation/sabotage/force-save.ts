import type { TaskRecord } from '../../lifecycle/task-record.ts';
import type { SaveOptions, SaveResult, TaskStore } from '../../ports/task-store.ts';

/** Saves over whatever is stored, as a store without conditions would. */
export async function forceSave(
  store: TaskStore,
  next: TaskRecord,
  previous: TaskRecord,
  options: SaveOptions,
): Promise<SaveResult> {
  const current = await store.read(next.taskId);
  if (current === null) return store.save(next, previous, options);
  const { version } = current;
  return store.save(
    { ...next, version: version + 1 },
    { ...previous, version },
    { ...options, wakeBy: null },
  );
}
