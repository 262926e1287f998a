import type { TaskStore } from '../ports/task-store.ts';
import { moveWake, queryAttention } from './attention-queries.ts';
import { createRecord } from './create-record.ts';
import type { PipelineTable } from './pipeline-table.ts';
import { readRecord } from './read-record.ts';
import { failedPartition, unfinishedPartition } from './record-keys.ts';
import { saveRecord } from './save-record.ts';
import { readSteps, saveStep } from './task-steps.ts';
import { listRecords } from './timeline-listing.ts';
import { readLock } from './unique-locks.ts';

/**
 * Task records in the pipeline table. A task of up to 1 KB costs six write units from submit to success, a step four
 * more. Writes alongside and a unique lock make a submit a transaction, which pays double for the record and for each of
 * them; without them it is none.
 */
export function createDynamoDbTaskStore(table: PipelineTable): TaskStore {
  return {
    create: (record, options) => createRecord(table, record, options),
    read: (taskId) => readRecord(table, taskId),
    save: (next, previous, options) => saveRecord(table, next, previous, options),
    due: (shard, now, limit, cursor) =>
      queryAttention(table, { partition: unfinishedPartition(shard), from: 0, to: now, limit, cursor }),
    moveWake: (read, to) => moveWake(table, read, to),
    readSteps: (taskId) => readSteps(table, taskId),
    saveStep: (taskId, step) => saveStep(table, taskId, step),
    readLock: (key) => readLock(table, key),
    async failed({ tenant, shard, after, before, limit, cursor }) {
      const partition = failedPartition(tenant, shard);
      const query = { partition, from: after, to: before - 1, limit, cursor };
      const { items, nextCursor } = await queryAttention(table, query);
      return { items: items.map(({ taskId, wakeAt }) => ({ taskId, failedAt: wakeAt })), nextCursor };
    },
    list: (listing) => listRecords(table, listing),
  };
}
