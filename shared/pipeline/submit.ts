import { newRecord } from '../lifecycle/new-record.ts';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import type { AlongsideWrite } from '../ports/alongside-write.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import type { Priority, TaskSpec } from '../tasks/define-task.ts';
import { inputKey, storeValue } from './payloads.ts';
import { sendHint } from './send-hint.ts';

/** A task to be run: its spec, its input as the caller gave it, and whose it is. */
export interface Submission {
  readonly spec: TaskSpec;
  readonly input: unknown;
  readonly tenant: string;
  /** @default 'normal' */
  readonly priority?: Priority;
  readonly tags?: readonly string[];
  /** The caller's own writes, committed together with the record or not at all. */
  readonly alongside?: readonly AlongsideWrite[];
  /** An id that tells this task from every other; submitted again, it is the same task. @default a new one */
  readonly taskId?: string;
}

/** An accepted task; `sendError` is what kept a worker from hearing of it at once, for the log only. */
export interface Accepted {
  readonly record: TaskRecord;
  readonly sendError: unknown;
  /** Whether the given id was taken, so that nothing was stored or sent; `record` is then what has it. */
  readonly duplicate: boolean;
}

/**
 * Accepts a task: checks the input, stores the record, then sends the message. Once the record is stored the task is
 * accepted: a send that fails is told for the log, not thrown, because the reconciler sends again. Throws ZodError for
 * input that does not fit the spec, AlongsideRefused, and whatever the store throws; then nothing was accepted.
 * `dispatch` makes a worker look at the stored task in another way than by a message; it returns what went wrong, or null.
 */
export async function submit(
  ports: PipelinePorts,
  submission: Submission,
  dispatch: (record: TaskRecord) => Promise<unknown> = (record) => sendHint(ports, record),
): Promise<Accepted> {
  const { spec, tenant, priority = 'normal', tags = [], alongside = [] } = submission;
  spec.input.parse(submission.input);
  const taskId = submission.taskId ?? ports.newId();
  const input = await storeValue(ports.payloads, inputKey(taskId, 1), submission.input);
  const task = { taskId, writer: ports.newId(), tenant, priority, tags, input };
  const record = newRecord(spec, task, ports.clock.now());
  const created = await ports.store.create(record, alongside);
  // A new id can be taken only by this record itself: a reply was lost, and a worker has changed the record meanwhile.
  if (!created.saved && submission.taskId !== undefined) {
    return { record: created.current ?? record, sendError: null, duplicate: true };
  }
  return { record, sendError: await dispatch(record), duplicate: false };
}
