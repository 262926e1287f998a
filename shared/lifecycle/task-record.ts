import * as z from 'zod';
import { text, whole } from '../plain-schemas.ts';
import { queueNames } from '../tasks/define-task.ts';

/** A JSON value as the record keeps it: its text when small, the payload store's key when over 4 KB. */
export const storedValue = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('inline'), json: text }),
  z.object({ kind: z.literal('stored'), key: text, bytes: whole }),
]);

/** What went wrong in an attempt, bounded in size; `stack` is for operators only. */
export const taskError = z.object({
  type: text,
  message: text,
  stack: z.string().nullable().default(null),
  attempt: whole,
});

const stateNames = [
  'SCHEDULED',
  'PENDING',
  'STARTED',
  'PROGRESS',
  'RETRY',
  'SUCCESS',
  'FAILURE',
  'CANCELLED',
] as const;

/** One line of a task's history. */
export const timelineEntry = z.object({
  state: z.enum(stateNames),
  /** Milliseconds since the epoch. */
  at: whole,
  attempt: whole,
  epoch: whole,
  detail: z.string().nullable().default(null),
});

const everyState = {
  taskId: text,
  task: text,
  queue: z.enum(queueNames),
  tenant: text,
  priority: z.enum(['normal', 'high']),
  tags: z.array(text).default([]),
  input: storedValue,
  /** Counts lives: 1 at submit, one more for each retry or redrive of an ended task. */
  epoch: z.int().min(1),
  /** Attempts begun in this epoch, lost workers not counted. */
  attempts: z.int().min(0),
  maxAttempts: z.int().min(1),
  /** Workers that died over this task in this epoch, or since it last went on in a fresh invocation. */
  lost: z.int().min(0).default(0),
  /** The fencing token: the number of the newest claim; only its holder may write. */
  claim: z.int().min(0).default(0),
  /** 0–100; never goes back within an epoch. */
  progress: z.number().min(0).max(100).nullable().default(null),
  status: z.string().nullable().default(null),
  createdAt: whole,
  /** The time that the caller wants it to run at; null for at once. */
  eta: z.int().nullable().default(null),
  /** A task whose first attempt has not started by then ends Expired; null for one that waits as long as it takes. */
  startBy: z.int().nullable().default(null),
  /** What only so many attempts may work on at once; null for tasks without such a limit. */
  concurrencyKey: z.string().nullable().default(null),
  /** What the caller sent, as a digest, where a later request could claim to be the same; see `submit`. */
  digest: z.string().nullable().default(null),
  /** Joins the log lines of the request that submitted the task, of its attempts and of upstreams; see docs/logs.md. */
  correlationId: z.string().nullable().default(null),
  /** The lock that keeps a second unfinished task of the same kind out; null for tasks that may run side by side. */
  uniqueKey: z.string().nullable().default(null),
  /** Steps recorded under this claim or an earlier one belong to an input that was edited since. */
  stepsAfter: z.int().min(0).default(0),
  timeline: z.array(timelineEntry),
  /** When the reconciler looks at the record next; null once nothing is left to do. */
  wakeAt: z.int().nullable().default(null),
  /** How often the reconciler has sent in which phase, for its doubling waits. */
  resent: z.object({ phase: text, count: whole, by: text }).nullable().default(null),
  /** Grows by one with every save: the condition that makes saves compare-and-swap. */
  version: z.int().min(1),
  /** Who made the newest save; finding one's own here after a refusal means that the save had succeeded. */
  writer: text,
};

/** Who asked for a cancel, and when. */
export const cancelRequest = z.object({ at: whole, by: text });

const running = {
  ...everyState,
  /** When the attempt began, in whichever invocation. */
  startedAt: whole,
  leaseUntil: whole,
  /** Set while the worker has not yet stopped; whatever its attempt comes to, the task then ends CANCELLED. */
  cancelRequest: cancelRequest.nullable().default(null),
};
/** An attempt that goes on in a fresh invocation, and when it began. */
const continues = z.object({ startedAt: whole }).nullable().default(null);

/** How a limit has put off the next attempt: how often in a row, and whether it has been given its turn. */
const snoozed = { snoozes: z.int().min(0).default(0), hasTurn: z.boolean().default(false) };

const ended = { ...everyState, startedAt: z.int().nullable().default(null), finishedAt: whole };

/** A task's record: the truth about it, one shape a state. Times are milliseconds since the epoch. */
export const taskRecord = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('SCHEDULED'),
    ...everyState,
    ...snoozed,
    continues,
    dueAt: whole,
    waitsFor: z.enum(['eta', 'rate-limit', 'concurrency']),
    /** Whether a delayed message brings it, or the reconciler sends one when the time is near (over 15 minutes). */
    wokenBy: z.enum(['message', 'reconciler']),
  }),
  z.object({ state: z.literal('PENDING'), ...everyState, continues }),
  z.object({ state: z.literal('STARTED'), ...running }),
  z.object({ state: z.literal('PROGRESS'), ...running }),
  z.object({
    state: z.literal('RETRY'),
    ...everyState,
    ...snoozed,
    startedAt: whole,
    nextAttemptAt: whole,
    /** Whether the hidden message brings the next attempt, or the reconciler sends one (no message, or over 15 minutes). */
    wokenBy: z.enum(['visibility', 'reconciler']),
    error: taskError,
  }),
  z.object({
    state: z.literal('SUCCESS'),
    ...ended,
    result: storedValue,
    resultExpiresAt: whole,
    /** When the record itself may be deleted; seconds since the epoch are derived for DynamoDB's TTL. */
    expiresAt: whole,
  }),
  z.object({
    state: z.literal('FAILURE'),
    ...ended,
    error: taskError,
    /** Owed until the letter for the next epoch was sent; none for permanent errors. */
    deadLetter: z.enum(['none', 'owed', 'sent']),
    expiresAt: whole,
  }),
  z.object({ state: z.literal('CANCELLED'), ...ended, cancelRequest, expiresAt: whole }),
]);

/** See {@link taskRecord}. */
export type TaskRecord = z.output<typeof taskRecord>;
/** A state of a task. */
export type TaskState = TaskRecord['state'];
/** The record of a task in state `S`. */
export type RecordIn<S extends TaskState> = Extract<TaskRecord, { state: S }>;
/** A record whose task is in a worker's hands. */
export type RunningRecord = RecordIn<'STARTED' | 'PROGRESS'>;
/** A record whose task waits for a worker, or for a time. */
export type WaitingRecord = RecordIn<'SCHEDULED' | 'PENDING' | 'RETRY'>;
/** A record whose task waits or runs. */
export type UnfinishedRecord = WaitingRecord | RunningRecord;
/** A record whose task has ended. */
export type EndedRecord = RecordIn<'SUCCESS' | 'FAILURE' | 'CANCELLED'>;
/** See {@link cancelRequest}. */
export type CancelRequest = z.output<typeof cancelRequest>;
/** See {@link storedValue}. */
export type StoredValue = z.output<typeof storedValue>;
/** See {@link taskError}. */
export type TaskError = z.output<typeof taskError>;
/** See {@link timelineEntry}. */
export type TimelineEntry = z.output<typeof timelineEntry>;

/** Every state's name, in the order of a task's life. */
export const taskStates: readonly TaskState[] = stateNames;

/** Whether a worker holds the task, or held it until it died. */
export function isRunning(record: TaskRecord): record is RunningRecord {
  return record.state === 'STARTED' || record.state === 'PROGRESS';
}

/** Whether the task has ended; only a new epoch changes an ended record. */
export function isEnded(record: TaskRecord): record is EndedRecord {
  return record.state === 'SUCCESS' || record.state === 'FAILURE' || record.state === 'CANCELLED';
}
