import { isRefusal, type RefusalReason } from '../lifecycle/refusal.ts';
import { type Reopening, reopen } from '../lifecycle/reopen.ts';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import type { TaskSpec } from '../tasks/define-task.ts';
import { concurrencyKeyOf } from './concurrency-slots.ts';
import { inputKey, storeValue } from './payloads.ts';
import { findTask, type TaskQuery } from './read-task.ts';
import { reopenTask } from './reopen-task.ts';
import { sendHint } from './send-hint.ts';
import { uniqueKeyOf } from './unique-lock.ts';

/** Which task is to run again, who asks, and with which arguments if not the old ones. */
export interface RetryRequest extends TaskQuery {
  readonly by: string;
  /** Edited arguments and the spec that they must fit. Steps that were recorded for the old ones are not reused. */
  readonly edited?: { readonly spec: TaskSpec; readonly input: unknown };
}

/** What a request for another run came to; `sendError` is for the log only, the reconciler sends again. */
export type RetryOutcome =
  | { readonly kind: 'accepted'; readonly record: TaskRecord; readonly sendError: unknown }
  /** SUCCESS stays, an unfinished task needs no retry, and another task may hold the unique lock. */
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly record: TaskRecord }
  | { readonly kind: 'unknown' };

/**
 * Runs a task that failed or was cancelled again: the next epoch of the same task, its attempts counted anew, its history
 * kept. Throws ZodError for edited arguments that do not fit, and what the stores throw; then nothing was accepted.
 */
export async function retryTask(ports: PipelinePorts, request: RetryRequest): Promise<RetryOutcome> {
  const record = await findTask(ports, request);
  return record === null ? { kind: 'unknown' } : runAgain(ports, record, 'retry', request);
}

/** Opens the next epoch of a record and sends its message. Throws as {@link retryTask} does. */
export async function runAgain(
  ports: PipelinePorts,
  record: TaskRecord,
  kind: 'retry' | 'redrive',
  { by, edited }: Pick<RetryRequest, 'by' | 'edited'>,
): Promise<Exclude<RetryOutcome, { kind: 'unknown' }>> {
  const epoch = record.epoch + 1;
  // Arguments that are refused anyway must not be stored first.
  const unedited = { epoch, cause: { kind, by }, edited: null };
  const outlook = reopen(record, unedited, ports.clock.now());
  if (isRefusal(outlook)) return { kind: 'refused', reason: outlook.refused, record };
  const reopening: Reopening = {
    epoch,
    cause: { kind, by },
    edited: edited ? await keepEdited(ports, record, edited) : null,
  };
  const opened = await reopenTask(ports, record, reopening);
  if (isRefusal(opened)) return { kind: 'refused', reason: opened.refused, record };
  return { kind: 'accepted', record: opened, sendError: await sendHint(ports, opened) };
}

async function keepEdited(
  ports: PipelinePorts,
  { taskId, tenant, epoch }: TaskRecord,
  { spec, input }: NonNullable<RetryRequest['edited']>,
): Promise<NonNullable<Reopening['edited']>> {
  const accepted = spec.input.parse(input);
  return {
    input: await storeValue(ports.payloads, inputKey(taskId, epoch + 1, ports.newId()), input),
    uniqueKey: uniqueKeyOf(spec, tenant, accepted),
    concurrencyKey: concurrencyKeyOf(spec, accepted),
  };
}
