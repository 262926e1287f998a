import { dueTime } from '../lifecycle/due-time.ts';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { longestDelay } from '../ports/queue-limits.ts';

/**
 * Sends the message that makes a worker look at the task, delayed until the task is due. Returns what went wrong, or null: no caller may fail over a
 * hint, since the reconciler sends it again.
 */
export async function sendHint(ports: PipelinePorts, record: TaskRecord): Promise<unknown> {
  try {
    const message = { v: 1, taskId: record.taskId, epoch: record.epoch } as const;
    const wait = (dueTime(record) ?? 0) - ports.clock.now();
    const delaySeconds = Math.min(longestDelay, Math.max(0, Math.ceil(wait / 1000)));
    await ports.queue.send(record.queue, message, { delaySeconds, group: record.tenant });
    return null;
  } catch (error) {
    return error ?? new Error('the send failed without a reason');
  }
}
