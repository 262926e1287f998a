import { shardOf } from '../ports/shard-of.ts';
import { attentionShards } from '../ports/task-store.ts';
import { timelineShards } from './table-schema.ts';

const prefix = 'task#';

/** What the `sk` of every step begins with, and of nothing else. */
export const stepPrefix = 'step#';

// Nine digits in base 36 last until the year 5188, and sort as the numbers do.
const timeDigits = 9;

/** The key of a task's record; its other items share `pk`. */
export function recordKey(taskId: string): { pk: string; sk: string } {
  return { pk: `${prefix}${taskId}`, sk: 'task' };
}

/** The key of one of a task's steps. */
export function stepKey(taskId: string, name: string): { pk: string; sk: string } {
  return { pk: recordKey(taskId).pk, sk: `${stepPrefix}${name}` };
}

/** The key of what tells who holds a unique lock. */
export function lockKey(key: string): { pk: string; sk: string } {
  return { pk: `lock#${key}`, sk: 'lock' };
}

/** The key of what is kept of a limit. */
export function limitKey(key: string): { pk: string; sk: string } {
  return { pk: `limit#${key}`, sk: 'limit' };
}

/** The name of the step that has this `sk`. */
export function stepNameOf(sk: string): string {
  return sk.slice(stepPrefix.length);
}

/** The task that a `pk` belongs to; throws for one that belongs to something else. */
export function taskIdOf(pk: string): string {
  if (pk.startsWith(prefix)) return pk.slice(prefix.length);
  throw new Error(`the pipeline table's key ${pk} is not a task's: it should start with ${prefix}`);
}

/** The UTC day of a time, as the timeline index partitions by it: 2026-11-21. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** The partition of one shard of a tenant's day. */
export function timelinePartition(tenant: string, day: string, shard: number): string {
  return `${tenant}#${day}#${shard}`;
}

/** A record's place in the timeline index; sorts by time of creation, then by task. */
export function timelineKey(record: { taskId: string; tenant: string; createdAt: number }) {
  const { taskId, tenant, createdAt } = record;
  return {
    timelinePk: timelinePartition(tenant, dayOf(createdAt), shardOf(taskId, timelineShards)),
    timelineSk: `${timelineTime(createdAt)}#${taskId}`,
  };
}

/** What the `timelineSk` of everything created at this time begins with; below it lies what is older. */
export function timelineTime(createdAt: number): string {
  return createdAt.toString(36).padStart(timeDigits, '0');
}

/** The time of creation in a `timelineSk`, in milliseconds since the epoch. */
export function timeOfKey(timelineSk: string): number {
  return Number.parseInt(timelineSk.slice(0, timeDigits), 36);
}

/** The partition of one shard of the sparse index that has every tenant's unfinished tasks. */
export function unfinishedPartition(shard: number): string {
  return `unfinished#${shard}`;
}

/** The partition of one shard of the sparse index that has a tenant's failed tasks: nobody asks for those of all. */
export function failedPartition(tenant: string, shard: number): string {
  return `failed#${tenant}#${shard}`;
}

/** The shard of the sparse index that holds a task. */
export function attentionShard(taskId: string): number {
  return shardOf(taskId, attentionShards.length);
}
