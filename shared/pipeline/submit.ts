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
}

/** An accepted task; `sendError` is what kept its message from being sent, for the log only. */
export interface Accepted {
  readonly record: TaskRecord;
  readonly sendError: unknown;
}

/**
 * Accepts a task: checks the input, stores the record, then sends the message. Once the record is stored the task is
 * accepted: a send that fails is told for the log, not thrown, because the reconciler sends again. Throws ZodError for
 * input that does not fit the spec, AlongsideRefused, and whatever the store throws; then nothing was accepted.
 */
export async function submit(ports: PipelinePorts, submission: Submission): Promise<Accepted> {
  const { spec, tenant, priority = 'normal', tags = [], alongside = [] } = submission;
  spec.input.parse(submission.input);
  const taskId = ports.newId();
  const input = await storeValue(ports.payloads, inputKey(taskId, 1), submission.input);
  const task = { taskId, writer: ports.newId(), tenant, priority, tags, input };
  const record = newRecord(spec, task, ports.clock.now());
  // A new id can be taken only by this record itself: a reply was lost, and a worker has changed the record meanwhile.
  await ports.store.create(record, alongside);
  return { record, sendError: await sendHint(ports, record) };
}
