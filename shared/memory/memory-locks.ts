import { isDeepStrictEqual } from 'node:util';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import { type LockHolder, LockTaken, type LockTaking } from '../ports/task-store.ts';

/** The unique locks in this process; taken only together with a task's record. */
export interface MemoryLocks {
  /** Throws LockTaken unless the lock is as it was seen. */
  check(lock: LockTaking | null | undefined): void;
  /** Lets the record hold the lock. */
  take(lock: LockTaking | null | undefined, record: TaskRecord): void;
  /** Who holds it, or held it last; null for nobody. */
  holder(key: string): LockHolder | null;
}

/** Creates locks that nobody holds. */
export function createMemoryLocks(): MemoryLocks {
  const holders = new Map<string, LockHolder>();
  return {
    check(lock) {
      if (lock && !isDeepStrictEqual(holders.get(lock.key) ?? null, lock.from)) {
        throw new LockTaken(`the lock ${lock.key} was taken meanwhile`);
      }
    },
    take(lock, { taskId, epoch }) {
      if (lock) holders.set(lock.key, { taskId, epoch });
    },
    holder: (key) => holders.get(key) ?? null,
  };
}
