import type { Priority, QueueName, TaskSpec } from '../tasks/define-task.ts';
import type { RecordIn, StoredValue } from './task-record.ts';
import { timings } from './timings.ts';
import { withWake } from './wake.ts';

/** What a submission decides about a task, beside its spec. */
export interface NewTask {
  readonly taskId: string;
  readonly writer: string;
  readonly tenant: string;
  readonly priority: Priority;
  readonly tags: readonly string[];
  readonly input: StoredValue;
  readonly digest: string | null;
  readonly correlationId: string | null;
  readonly uniqueKey: string | null;
  readonly concurrencyKey: string | null;
  /** When it shall run, and by when it must have started; milliseconds since the epoch, null for at once and for never. */
  readonly eta: number | null;
  readonly startBy: number | null;
}

/** The queue that a task of this spec travels through at this priority. */
export function queueOf(spec: TaskSpec, priority: Priority): QueueName {
  return priority === 'high' && spec.queue === 'default' ? 'priority' : spec.queue;
}

/** The first record of a task, in its first epoch: waiting, or scheduled for later, with a look by the reconciler due. */
export function newRecord(spec: TaskSpec, task: NewTask, now: number): RecordIn<'PENDING' | 'SCHEDULED'> {
  const { eta } = task;
  const later = eta !== null && eta > now;
  const state = later ? 'SCHEDULED' : 'PENDING';
  const common: Omit<RecordIn<'PENDING'>, 'state'> = {
    taskId: task.taskId,
    task: spec.name,
    queue: queueOf(spec, task.priority),
    tenant: task.tenant,
    priority: task.priority,
    tags: [...task.tags],
    input: task.input,
    epoch: 1,
    attempts: 0,
    maxAttempts: spec.retry.max + 1,
    lost: 0,
    claim: 0,
    progress: null,
    status: null,
    createdAt: now,
    digest: task.digest,
    correlationId: task.correlationId,
    uniqueKey: task.uniqueKey,
    concurrencyKey: task.concurrencyKey,
    eta,
    startBy: task.startBy,
    stepsAfter: 0,
    timeline: [{ state, at: now, attempt: 0, epoch: 1, detail: null }],
    continues: null,
    wakeAt: null,
    resent: null,
    version: 1,
    writer: task.writer,
  };
  if (!later) return withWake({ ...common, state: 'PENDING' }, now);
  const wokenBy = eta - now > timings.visibilityLimit ? 'reconciler' : 'message';
  const waiting = { dueAt: eta, waitsFor: 'eta', wokenBy, snoozes: 0, hasTurn: false } as const;
  return withWake({ ...common, ...waiting, state: 'SCHEDULED' }, now);
}
