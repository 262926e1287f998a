import { newRecord } from '../lifecycle/new-record.ts';
import type { TaskRecord } from '../lifecycle/task-record.ts';
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
}

/** An accepted task; `sendError` is what kept its message from being sent, for the log only. */
export interface Accepted {
  readonly record: TaskRecord;
  readonly sendError: unknown;
}

/**
 * Accepts a task: checks the input, stores the record, then sends the message. Once the record is stored the task is
 * accepted: a send that fails is told for the log, not thrown, because the reconciler sends again. Throws ZodError for
 * input that does not fit the spec, and whatever the store throws; then nothing was accepted.
 */
export async function submit(ports: PipelinePorts, submission: Submission): Promise<Accepted> {
  const { spec, tenant, priority = 'normal', tags = [] } = submission;
  spec.input.parse(submission.input);
  const taskId = ports.newId();
  const input = await storeValue(ports.payloads, inputKey(taskId, 1), submission.input);
  const task = { taskId, writer: ports.newId(), tenant, priority, tags, input };
  const record = newRecord(spec, task, ports.clock.now());
  const created = await ports.store.create(record);
  if (!created.saved) throw new Error(`the id ${taskId} of a new task was taken: ids must be unique`);
  return { record, sendError: await sendHint(ports, record) };
}
