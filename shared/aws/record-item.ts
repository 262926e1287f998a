import * as z from 'zod';
import { type Attention, attentionOf } from '../lifecycle/attention.ts';
import { isEnded, type TaskRecord, taskRecord } from '../lifecycle/task-record.ts';
import { checkRecord } from '../ports/check-record.ts';
import {
  attentionShard,
  failedPartition,
  recordKey,
  taskIdOf,
  timelineKey,
  unfinishedPartition,
} from './record-keys.ts';

/** A task's record as the pipeline table holds it: the record's own attributes and those of key, indexes and TTL. */
export type RecordItem = Record<string, unknown> & { readonly pk: string; readonly sk: string };

/** Thrown for an item that is no longer a task's record: somebody edited the table, or a newer version wrote it. */
export class DamagedRecord extends Error {
  override name = 'DamagedRecord';
}

/**
 * The item of a record, nulls left out. Throws what `checkRecord` throws.
 */
export function toItem(record: TaskRecord): RecordItem {
  const { taskId, ...attributes } = checkRecord(record);
  const attention = attentionOf(record);
  return {
    ...recordKey(taskId),
    ...timelineKey(record),
    ...(attention !== null && { attentionPk: attentionPartition(attention, record) }),
    ...(isEnded(record) && { ttl: Math.ceil(record.expiresAt / 1000) }),
    ...withoutNulls(attributes),
  };
}

function attentionPartition(attention: Attention, { taskId, tenant }: TaskRecord): string {
  const shard = attentionShard(taskId);
  return attention === 'failed' ? failedPartition(tenant, shard) : unfinishedPartition(shard);
}

/** The record of an item; throws DamagedRecord, which names the task and every fault. */
export function fromItem(item: Record<string, unknown>): TaskRecord {
  const taskId = taskIdOf(String(item['pk']));
  const parsed = taskRecord.safeParse({ ...item, taskId });
  if (parsed.success) return parsed.data;
  const faults = z.prettifyError(parsed.error);
  throw new DamagedRecord(`the record of task ${taskId} in the pipeline table is damaged:\n${faults}`, {
    cause: parsed.error,
  });
}

/** The attributes that are worth storing, at every depth: what is null or undefined is left out. */
export function withoutNulls(attributes: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(attributes).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(kept.map(([name, value]) => [name, deepWithoutNulls(value)]));
}

function deepWithoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deepWithoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return withoutNulls({ ...value });
}
