import type { TaskRecord } from '../lifecycle/task-record.ts';
import type { MemoryTaskStore } from '../memory/memory-task-store.ts';
import type { DueTask, TaskStore } from '../ports/task-store.ts';
import type { Chances } from './chances.ts';
import type { Choices } from './choices.ts';
import type { Observe } from './observation.ts';
import type { SimProcess } from './process.ts';

/** The store that all processes share, as one of them reaches it. */
export interface WatchedStore {
  /** The store for this process: what it writes is told under its name. */
  storeFor(process: SimProcess): TaskStore;
  /** The newest record of each task, in the order of creation; not to be changed. */
  readonly latest: ReadonlyMap<string, TaskRecord>;
}

/** What watching takes. */
export interface WatchMeans {
  readonly observe: Observe;
  readonly chances: Chances;
  readonly choices: Choices;
}

/** Watches every write that really changes the store, and lets its index lag behind as the real one may. */
export function watchStore(base: MemoryTaskStore, { observe, chances, choices }: WatchMeans): WatchedStore {
  const latest = new Map<string, TaskRecord>();
  const seenDue = new Map<number, readonly DueTask[]>();

  async function look(taskId: string): Promise<TaskRecord> {
    const record = await base.read(taskId);
    if (record === null) throw new Error(`the record of ${taskId} has vanished`);
    latest.set(taskId, record);
    return record;
  }

  const storeFor = (process: SimProcess): TaskStore => ({
    ...base,
    async create(record, options) {
      const before = latest.get(record.taskId);
      const result = await base.create(record, options);
      if (before === undefined && result.saved) {
        observe({ kind: 'created', process, record: await look(record.taskId) });
      }
      return result;
    },
    async save(next, previous, options) {
      const result = await base.save(next, previous, options);
      const before = latest.get(next.taskId);
      // A try that finds its own writer id changed nothing: an earlier try had.
      if (!result.saved || before === undefined) return result;
      const after = await look(next.taskId);
      if (after.writer !== before.writer) observe({ kind: 'saved', process, before, after });
      return result;
    },
    async moveWake(task, to) {
      const moved = await base.moveWake(task, to);
      const before = latest.get(task.taskId);
      if (!moved || before === undefined) return moved;
      const after = await look(task.taskId);
      if (after.wakeAt !== before.wakeAt) observe({ kind: 'wake-moved', process, before, after });
      return moved;
    },
    async saveStep(taskId, step) {
      const saved = await base.saveStep(taskId, step);
      const record = latest.get(taskId);
      if (saved && record !== undefined) observe({ kind: 'step-saved', process, record, step });
      return saved;
    },
    async due(shard, now, limit, cursor) {
      const page = await base.due(shard, now, limit, cursor);
      const before = seenDue.get(shard) ?? [];
      seenDue.set(shard, page.items);
      if (!chances.strikes('index-lag', choices)) return page;
      // Some entries have not arrived yet, and some that are gone still show.
      const fresh = page.items.filter(() => choices.chance(0.5));
      const stale = before.filter(({ taskId }) => !fresh.some((entry) => entry.taskId === taskId));
      return { items: [...stale, ...fresh], nextCursor: page.nextCursor };
    },
  });
  return { storeFor, latest };
}
