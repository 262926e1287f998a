import type { TaskStore } from '../ports/task-store.ts';
import { moveWake, queryDue } from './attention-queries.ts';
import { createAlongside } from './create-alongside.ts';
import type { PipelineTable } from './pipeline-table.ts';
import { readRecord } from './read-record.ts';
import { createRecord, saveRecord } from './save-record.ts';
import { readSteps, saveStep } from './task-steps.ts';
import { listRecords } from './timeline-listing.ts';

/**
 * Task records in the pipeline table. A task of up to 1 KB costs six write units from submit to success, a step four
 * more. Writes alongside make the submit a transaction, which pays double for the record and for each of them; without
 * them it is none.
 */
export function createDynamoDbTaskStore(table: PipelineTable): TaskStore {
  return {
    create: (record, alongside = []) =>
      alongside.length === 0 ? createRecord(table, record) : createAlongside(table, record, alongside),
    read: (taskId) => readRecord(table, taskId),
    save: (next, previous) => saveRecord(table, next, previous),
    due: (shard, now, limit, cursor) => queryDue(table, { shard, now, limit, cursor }),
    moveWake: (task, to) => moveWake(table, task, to),
    readSteps: (taskId) => readSteps(table, taskId),
    saveStep: (taskId, step) => saveStep(table, taskId, step),
    list: (listing) => listRecords(table, listing),
  };
}
