import { isRefusal } from '../lifecycle/refusal.ts';
import { type EndedRecord, isEnded, isRunning, type TaskRecord } from '../lifecycle/task-record.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { findTask, type TaskQuery } from './read-task.ts';
import { SaveConflict, saveTransition } from './save-transition.ts';

/** What a request to cancel came to. */
export type CancelOutcome =
  /** The task has ended CANCELLED, or will as soon as its worker has seen the request. */
  | { readonly kind: 'requested'; readonly record: TaskRecord }
  /** It has ended otherwise, and stays so. */
  | { readonly kind: 'ended'; readonly record: EndedRecord }
  | { readonly kind: 'unknown' };

const mostTries = 20;

/**
 * Cancels a task on behalf of `by`: one that waits at once, one that runs as soon as its worker sees the request, within
 * seconds. Asked again it says the same. From then on the task never ends otherwise. Throws SaveConflict for a task that
 * ends and is opened again at every try, and what the store throws.
 */
export async function cancelTask(
  ports: Pick<PipelinePorts, 'store' | 'clock' | 'newId'>,
  request: TaskQuery & { readonly by: string },
): Promise<CancelOutcome> {
  for (let tries = 0; tries < mostTries; tries++) {
    const record = await findTask(ports, request);
    if (record === null) return { kind: 'unknown' };
    const saved = await saveTransition(ports, record, { kind: 'cancel', by: request.by });
    if (!isRefusal(saved)) return { kind: 'requested', record: saved };
    const current = (await findTask(ports, request)) ?? record;
    if (isCancelled(current)) return { kind: 'requested', record: current };
    if (isEnded(current)) return { kind: 'ended', record: current };
    // Was opened again meanwhile, and nobody has cancelled the new epoch.
  }
  throw new SaveConflict(`task ${request.taskId} ended and was opened again at each of ${mostTries} tries`);
}

function isCancelled(record: TaskRecord): boolean {
  return record.state === 'CANCELLED' || (isRunning(record) && record.cancelRequest !== null);
}
