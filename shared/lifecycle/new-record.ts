import type { Priority, QueueName, TaskSpec } from '../tasks/define-task.ts';
import type { RecordIn, StoredValue } from './task-record.ts';
import { timings } from './timings.ts';

/** What a submission decides about a task, beside its spec. */
export interface NewTask {
  readonly taskId: string;
  readonly writer: string;
  readonly tenant: string;
  readonly priority: Priority;
  readonly tags: readonly string[];
  readonly input: StoredValue;
  readonly digest: string | null;
  readonly uniqueKey: string | null;
}

/** The queue that a task of this spec travels through at this priority. */
export function queueOf(spec: TaskSpec, priority: Priority): QueueName {
  return priority === 'high' && spec.queue === 'default' ? 'priority' : spec.queue;
}

/** The first record of a task: PENDING, first epoch, due for the reconciler should its message be lost. */
export function newRecord(spec: TaskSpec, task: NewTask, now: number): RecordIn<'PENDING'> {
  return {
    state: 'PENDING',
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
    uniqueKey: task.uniqueKey,
    stepsAfter: 0,
    timeline: [{ state: 'PENDING', at: now, attempt: 0, epoch: 1, detail: null }],
    wakeAt: now + timings.firstLook,
    resent: null,
    version: 1,
    writer: task.writer,
  };
}
