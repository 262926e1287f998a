import { isRefusal } from '../lifecycle/refusal.ts';
import type { RecordIn } from '../lifecycle/task-record.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { saveTransition } from './save-transition.ts';

const longestMessage = 500;

/**
 * Sends the dead letter that a failed task owes: the message that would open its next epoch. Sent first, then marked:
 * a crash in between sends it twice, which the epoch makes harmless. Throws what the queue or the store throws; the
 * letter stays owed and the reconciler pays it.
 */
export async function payDeadLetter(ports: PipelinePorts, record: RecordIn<'FAILURE'>): Promise<void> {
  const { taskId, epoch, error } = record;
  await ports.queue.sendDead(record.queue, {
    v: 1,
    taskId,
    epoch: epoch + 1,
    dead: true,
    error: { type: error.type, message: error.message.slice(0, longestMessage) },
  });
  const marked = await saveTransition(ports, record, { kind: 'dead-letter-sent', epoch });
  if (isRefusal(marked) && marked.refused !== 'no-change') {
    throw new Error(`the dead letter of task ${taskId} was sent but could not be marked: ${marked.refused}`);
  }
}
