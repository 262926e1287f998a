import type { TaskRecord } from '../lifecycle/task-record.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';

/**
 * Sends the message that makes a worker look at the task. Returns what went wrong, or null: no caller may fail over a
 * hint, since the reconciler sends it again.
 */
export async function sendHint(ports: PipelinePorts, record: TaskRecord): Promise<unknown> {
  try {
    const message = { v: 1, taskId: record.taskId, epoch: record.epoch } as const;
    await ports.queue.send(record.queue, message, { delaySeconds: 0, group: record.tenant });
    return null;
  } catch (error) {
    return error ?? new Error('the send failed without a reason');
  }
}
