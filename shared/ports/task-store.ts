import type { StepRecord } from '../lifecycle/step-record.ts';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import type { QueueName } from '../tasks/define-task.ts';
import type { AlongsideWrite } from './alongside-write.ts';

/** How a conditional write ended; a refused one brings the record that stood in its way (null: there is none). */
export type SaveResult =
  | { readonly saved: true }
  | { readonly saved: false; readonly current: TaskRecord | null };

/** A record that is due for the reconciler, as the sparse index knows it. */
export interface DueTask {
  readonly taskId: string;
  readonly wakeAt: number;
}

/** One page of a listing; `nextCursor` is opaque and null on the last page. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/** Filters and position of a listing of one tenant's tasks. */
export interface TaskListing {
  readonly tenant: string;
  readonly state?: TaskRecord['state'] | undefined;
  readonly task?: string | undefined;
  readonly tag?: string | undefined;
  readonly queue?: QueueName | undefined;
  /**
   * Created at this time or later; milliseconds since the epoch. Further back than 400 days nothing is found.
   * @default the beginning of the UTC day 30 days ago
   */
  readonly createdAfter?: number | undefined;
  /** Created earlier than this; milliseconds since the epoch. */
  readonly createdBefore?: number | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Tells which days to look at; milliseconds since the epoch. */
  readonly now: number;
}

/** Thrown for a cursor that this store did not hand out. */
export class InvalidCursor extends Error {
  override name = 'InvalidCursor';
}

/** What holds a unique lock: one epoch of one task. A holder that has ended, or is gone, holds nothing any more. */
export interface LockHolder {
  readonly taskId: string;
  readonly epoch: number;
}

/** Takes a unique lock for the record that is written, together with it or not at all. */
export interface LockTaking {
  readonly key: string;
  /** What the lock was seen to hold; null for a lock that nobody has. */
  readonly from: LockHolder | null;
}

/** Thrown for a write whose lock was taken by somebody else meanwhile. */
export class LockTaken extends Error {
  override name = 'LockTaken';
}

/** What belongs to a save beside the record. */
export interface SaveOptions {
  /** The save is refused when the stored `wakeAt`, unless written anew, is later than this: nobody would look in time. */
  readonly wakeBy: number | null;
  readonly lock?: LockTaking | null;
}

/** What is committed together with a new record. */
export interface CreateOptions {
  readonly alongside?: readonly AlongsideWrite[];
  readonly lock?: LockTaking | null;
}

/** A failed task, as the sparse index knows it. */
export interface FailedTask {
  readonly taskId: string;
  /** Milliseconds since the epoch. */
  readonly failedAt: number;
}

/** Which failed tasks are asked for: one tenant's in one shard, that failed at or after `after` and before `before`. */
export interface FailedListing {
  readonly tenant: string;
  readonly shard: number;
  readonly after: number;
  readonly before: number;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** The shards of the sparse index; a task's shard comes from its id. */
export const attentionShards: readonly number[] = [0, 1, 2, 3];

/** Keeps task records; every write is conditional, so two writers never overwrite each other unseen. */
export interface TaskStore {
  /**
   * Stores a new record, and what belongs to it, all or nothing. Refused when the id is taken, except by a record with
   * this record's own `writer`: then an earlier try had succeeded, and that is told as saved. A record that had expired
   * when this one was created counts as absent. Throws AlongsideRefused when the condition of a write alongside does not
   * hold, and LockTaken.
   */
  create(record: TaskRecord, options?: CreateOptions): Promise<SaveResult>;
  /** The record, read consistently, or null. */
  read(taskId: string): Promise<TaskRecord | null>;
  /**
   * Replaces `previous` by `next`; refused unless the stored version is `previous.version`. Finding `next.writer`
   * on the stored record is told as saved (a lost reply). `wakeAt` and `resent` are written only where `next`
   * differs from `previous`, because the reconciler moves them meanwhile; a `wakeAt` moved past `wakeBy` refuses the save,
   * so that it is decided anew. Throws LockTaken.
   */
  save(next: TaskRecord, previous: TaskRecord, options: SaveOptions): Promise<SaveResult>;
  /** Unfinished tasks of one shard whose `wakeAt` is at or before `now`, earliest first; may lag behind the records. */
  due(shard: number, now: number, limit: number, cursor?: string): Promise<Page<DueTask>>;
  /**
   * Moves `wakeAt` of the record as it was read to a later time and notes the sends of this phase. False when the record
   * or its `wakeAt` was changed meanwhile, unless to these very `resent` (a lost reply). Leaves `version` alone: it does
   * not stand in the way of a worker's save.
   */
  moveWake(read: TaskRecord, to: { wakeAt: number; resent: TaskRecord['resent'] }): Promise<boolean>;
  /** The steps that were recorded of a task, in no order. */
  readSteps(taskId: string): Promise<readonly StepRecord[]>;
  /**
   * Records a step, replacing one of the same name. False, and nothing is written, unless the task is running under
   * the step's own claim: a stale attempt cannot write over a newer one's step.
   */
  saveStep(taskId: string, step: StepRecord): Promise<boolean>;
  /** What holds a unique lock, read consistently; null when nobody ever took it. */
  readLock(key: string): Promise<LockHolder | null>;
  /** A tenant's failed tasks of one shard that owe no letter, earliest failure first; may lag behind the records. */
  failed(listing: FailedListing): Promise<Page<FailedTask>>;
  /** A tenant's tasks, newest first; a filtered page may be short. Expired records are left out. */
  list(listing: TaskListing): Promise<Page<TaskRecord>>;
}
