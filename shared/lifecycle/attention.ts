import { isEnded, type TaskRecord } from './task-record.ts';

/** Why a record is in the sparse index: the reconciler must look at it, or it failed and an operator may want it. */
export type Attention = 'unfinished' | 'failed';

/** Where a record stands in the sparse index; null takes it out. A failed task stays unfinished while it owes a letter. */
export function attentionOf(record: TaskRecord): Attention | null {
  if (!isEnded(record)) return 'unfinished';
  if (record.state !== 'FAILURE') return null;
  return record.deadLetter === 'owed' ? 'unfinished' : 'failed';
}
