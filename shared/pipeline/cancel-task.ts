import { isRefusal } from '../lifecycle/refusal.ts';
import type { EndedRecord, TaskRecord } from '../lifecycle/task-record.ts';
import { isEnded } from '../lifecycle/task-record.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { findTask, type TaskQuery } from './read-task.ts';
import { saveTransition } from './save-transition.ts';

/** What a request to cancel came to. */
export type CancelOutcome =
  /** The task has ended CANCELLED, or will as soon as its worker has seen the request. */
  | { readonly kind: 'requested'; readonly record: TaskRecord }
  /** It has ended otherwise, and stays so. */
  | { readonly kind: 'ended'; readonly record: EndedRecord }
  | { readonly kind: 'unknown' };

/**
 * Cancels a task on behalf of `by`: one that waits at once, one that runs as soon as its worker sees the request, within
 * seconds. Asked again it says the same. From then on the task never ends otherwise. Throws what the store throws.
 */
export async function cancelTask(
  ports: Pick<PipelinePorts, 'store' | 'clock' | 'newId'>,
  request: TaskQuery & { readonly by: string },
): Promise<CancelOutcome> {
  const record = await findTask(ports, request);
  if (record === null) return { kind: 'unknown' };
  const saved = await saveTransition(ports, record, { kind: 'cancel', by: request.by });
  if (!isRefusal(saved)) return { kind: 'requested', record: saved };
  const current = (await findTask(ports, request)) ?? record;
  if (isEnded(current) && current.state !== 'CANCELLED') return { kind: 'ended', record: current };
  // Had ended, and was opened again meanwhile: nobody has flagged the new epoch.
  if (saved.refused === 'ended' && !isEnded(current)) return cancelTask(ports, request);
  return { kind: 'requested', record: current };
}
