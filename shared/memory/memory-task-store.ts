import { isDeepStrictEqual } from 'node:util';
import { attentionOf } from '../lifecycle/attention.ts';
import { type StepRecord, stepRecord } from '../lifecycle/step-record.ts';
import { isEnded, isRunning, type TaskRecord } from '../lifecycle/task-record.ts';
import type { AlongsideWrite } from '../ports/alongside-write.ts';
import { checkRecord } from '../ports/check-record.ts';
import type { SaveResult, TaskStore } from '../ports/task-store.ts';
import { copyJson } from './copy-json.ts';
import { queryMemoryAttention } from './memory-attention.ts';
import { createMemoryEntities, type Entity } from './memory-entities.ts';
import { listMemory } from './memory-listing.ts';
import { createMemoryLocks } from './memory-locks.ts';

/** Task records in this process, for tests and simulations; behaves as the table does, without its delays. */
export interface MemoryTaskStore extends TaskStore {
  /** Copies of all records, in the order of their creation. */
  records(): TaskRecord[];
  /** A copy of what was written alongside a task under this key; null when nothing is there. */
  entity(table: string, key: AlongsideWrite['key']): Entity;
}

/** Creates an empty task store. */
export function createMemoryTaskStore(): MemoryTaskStore {
  const stored = new Map<string, TaskRecord>();
  const steps = new Map<string, Map<string, StepRecord>>();
  const entities = createMemoryEntities();
  const locks = createMemoryLocks();
  const refusal = (current: TaskRecord | undefined, writer: string): SaveResult =>
    current?.writer === writer
      ? { saved: true }
      : { saved: false, current: current === undefined ? null : copyJson(current) };

  return {
    async create(record, { alongside = [], lock } = {}) {
      const current = stored.get(record.taskId);
      if (current && !(isEnded(current) && current.expiresAt <= record.createdAt)) {
        return refusal(current, record.writer);
      }
      const created = toStored(record);
      locks.check(lock);
      entities.write(record.taskId, alongside);
      locks.take(lock, record);
      stored.set(record.taskId, created);
      return { saved: true };
    },
    async read(taskId) {
      return copyJson(stored.get(taskId) ?? null);
    },
    async save(next, previous, { wakeBy, lock }) {
      const current = stored.get(next.taskId);
      if (current?.version !== previous.version) return refusal(current, next.writer);
      const leavesWake = next.wakeAt === previous.wakeAt;
      if (leavesWake && wakeBy !== null && (current.wakeAt ?? 0) > wakeBy)
        return refusal(current, next.writer);
      const wakeAt = leavesWake ? current.wakeAt : next.wakeAt;
      const resent = isDeepStrictEqual(next.resent, previous.resent) ? current.resent : next.resent;
      const saved = toStored({ ...next, wakeAt, resent });
      locks.check(lock);
      locks.take(lock, next);
      stored.set(next.taskId, saved);
      return { saved: true };
    },
    async due(shard, now, limit, cursor) {
      const query = { kind: 'unfinished', shard, from: 0, to: now, limit, cursor } as const;
      return queryMemoryAttention(stored.values(), query);
    },
    async moveWake({ taskId, version, wakeAt }, to) {
      const current = stored.get(taskId);
      if (!current || attentionOf(current) !== 'unfinished') return false;
      if (current.version !== version || current.wakeAt !== wakeAt) {
        return to.resent !== null && isDeepStrictEqual(current.resent, to.resent);
      }
      stored.set(taskId, toStored({ ...current, wakeAt: to.wakeAt, resent: to.resent }));
      return true;
    },
    async readSteps(taskId) {
      return copyJson([...(steps.get(taskId)?.values() ?? [])]);
    },
    async saveStep(taskId, step) {
      const current = stored.get(taskId);
      if (!current || !isRunning(current) || current.claim !== step.claim) return false;
      const ofTask = steps.get(taskId) ?? new Map<string, StepRecord>();
      steps.set(taskId, ofTask.set(step.name, stepRecord.parse(copyJson(step))));
      return true;
    },
    async readLock(key) {
      return locks.holder(key);
    },
    async failed({ tenant, shard, after, before, limit, cursor }) {
      const query = { kind: 'failed', tenant, shard, from: after, to: before - 1, limit, cursor } as const;
      const { items, nextCursor } = queryMemoryAttention(stored.values(), query);
      return { items: items.map(({ taskId, wakeAt }) => ({ taskId, failedAt: wakeAt })), nextCursor };
    },
    async list(listing) {
      return copyJson(listMemory([...stored.values()], listing));
    },
    records: () => copyJson([...stored.values()]),
    entity: entities.read,
  };
}

/** A copy, which the check makes, so that a caller's later change does not reach the store. */
function toStored(record: TaskRecord): TaskRecord {
  return checkRecord(record);
}
