import type { StepRecord } from '../lifecycle/step-record.ts';
import type { TaskRecord } from '../lifecycle/task-record.ts';
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
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Tells which days to look at; milliseconds since the epoch. */
  readonly now: number;
}

/** Thrown for a cursor that this store did not hand out. */
export class InvalidCursor extends Error {
  override name = 'InvalidCursor';
}

/** The shards of the sparse index; a task's shard comes from its id. */
export const attentionShards: readonly number[] = [0, 1, 2, 3];

/** Keeps task records; every write is conditional, so two writers never overwrite each other unseen. */
export interface TaskStore {
  /**
   * Stores a new record, and the writes `alongside` it, all or nothing. Refused when the id is taken, except by a record
   * with this record's own `writer`: then an earlier try had succeeded, and that is told as saved. Throws
   * AlongsideRefused when the condition of a write alongside does not hold.
   */
  create(record: TaskRecord, alongside?: readonly AlongsideWrite[]): Promise<SaveResult>;
  /** The record, read consistently, or null. */
  read(taskId: string): Promise<TaskRecord | null>;
  /**
   * Replaces `previous` by `next`; refused unless the stored version is `previous.version`. Finding `next.writer`
   * on the stored record is told as saved (a lost reply). `wakeAt` and `resent` are written only where `next`
   * differs from `previous`, because the reconciler moves them meanwhile.
   */
  save(next: TaskRecord, previous: TaskRecord): Promise<SaveResult>;
  /** Unfinished tasks of one shard whose `wakeAt` is at or before `now`, earliest first; may lag behind the records. */
  due(shard: number, now: number, limit: number, cursor?: string): Promise<Page<DueTask>>;
  /**
   * Moves `wakeAt` from the value that was read to a later one and notes the sends of this phase. False when somebody
   * else moved it first or the task needs no attention any more. Leaves `version` alone: it never refuses a worker's save.
   */
  moveWake(task: DueTask, to: { wakeAt: number; resent: TaskRecord['resent'] }): Promise<boolean>;
  /** The steps that were recorded of a task, in no order. */
  readSteps(taskId: string): Promise<readonly StepRecord[]>;
  /**
   * Records a step, replacing one of the same name. False, and nothing is written, unless the task is running under
   * the step's own claim: a stale attempt cannot write over a newer one's step.
   */
  saveStep(taskId: string, step: StepRecord): Promise<boolean>;
  /** A tenant's tasks, newest first; a filtered page may be short. Expired records are left out. */
  list(listing: TaskListing): Promise<Page<TaskRecord>>;
}
