import { isDeepStrictEqual } from 'node:util';
import { attentionOf } from '../lifecycle/attention.ts';
import { type StepRecord, stepRecord } from '../lifecycle/step-record.ts';
import { isRunning, type TaskRecord } from '../lifecycle/task-record.ts';
import type { AlongsideWrite } from '../ports/alongside-write.ts';
import { checkRecord } from '../ports/check-record.ts';
import { decodeCursor, encodeCursor } from '../ports/cursor.ts';
import { dueCursor } from '../ports/due-cursor.ts';
import { shardOf } from '../ports/shard-of.ts';
import { attentionShards, type DueTask, type SaveResult, type TaskStore } from '../ports/task-store.ts';
import { createMemoryEntities, type Entity } from './memory-entities.ts';
import { listMemory } from './memory-listing.ts';

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
  const refusal = (current: TaskRecord | undefined, writer: string): SaveResult =>
    current?.writer === writer
      ? { saved: true }
      : { saved: false, current: current === undefined ? null : structuredClone(current) };

  return {
    async create(record, alongside = []) {
      const current = stored.get(record.taskId);
      if (current) return refusal(current, record.writer);
      const created = toStored(record);
      entities.write(record.taskId, alongside);
      stored.set(record.taskId, created);
      return { saved: true };
    },
    async read(taskId) {
      return structuredClone(stored.get(taskId) ?? null);
    },
    async save(next, previous) {
      const current = stored.get(next.taskId);
      if (current?.version !== previous.version) return refusal(current, next.writer);
      const wakeAt = next.wakeAt === previous.wakeAt ? current.wakeAt : next.wakeAt;
      const resent = isDeepStrictEqual(next.resent, previous.resent) ? current.resent : next.resent;
      stored.set(next.taskId, toStored({ ...next, wakeAt, resent }));
      return { saved: true };
    },
    async due(shard, now, limit, cursor) {
      const start = cursor === undefined ? null : decodeCursor(dueCursor, cursor);
      const due = [...stored.values()].flatMap((record) => {
        const entry = dueEntry(record, shard);
        return entry && entry.wakeAt <= now && (start === null || compareDue(entry, start) > 0)
          ? [entry]
          : [];
      });
      const items = due.sort(compareDue).slice(0, limit);
      const last = items.at(-1);
      return { items, nextCursor: last && due.length > limit ? encodeCursor({ ...last }) : null };
    },
    async moveWake({ taskId, wakeAt }, to) {
      const current = stored.get(taskId);
      if (current?.wakeAt !== wakeAt || attentionOf(current) !== 'unfinished') return false;
      stored.set(taskId, toStored({ ...current, wakeAt: to.wakeAt, resent: to.resent }));
      return true;
    },
    async readSteps(taskId) {
      return structuredClone([...(steps.get(taskId)?.values() ?? [])]);
    },
    async saveStep(taskId, step) {
      const current = stored.get(taskId);
      if (!current || !isRunning(current) || current.claim !== step.claim) return false;
      const ofTask = steps.get(taskId) ?? new Map<string, StepRecord>();
      steps.set(taskId, ofTask.set(step.name, stepRecord.parse(structuredClone(step))));
      return true;
    },
    async list(listing) {
      return structuredClone(listMemory([...stored.values()], listing));
    },
    records: () => structuredClone([...stored.values()]),
    entity: entities.read,
  };
}

/** A copy, so that a caller's later change does not reach the store. */
function toStored(record: TaskRecord): TaskRecord {
  return checkRecord(structuredClone(record));
}

function dueEntry(record: TaskRecord, shard: number): DueTask | null {
  const { taskId, wakeAt } = record;
  if (wakeAt === null || attentionOf(record) !== 'unfinished') return null;
  return shardOf(taskId, attentionShards.length) === shard ? { taskId, wakeAt } : null;
}

function compareDue(a: DueTask, b: DueTask): number {
  return a.wakeAt - b.wakeAt || (a.taskId < b.taskId ? -1 : Number(a.taskId > b.taskId));
}
