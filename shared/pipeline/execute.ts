import { decideFailure } from '../lifecycle/decide-failure.ts';
import { isRefusal, type Refusal } from '../lifecycle/refusal.ts';
import { parseMessage } from '../lifecycle/task-message.ts';
import { isRunning, type RecordIn, type RunningRecord, type TaskRecord } from '../lifecycle/task-record.ts';
import { timings } from '../lifecycle/timings.ts';
import type { TaskEvent } from '../lifecycle/transitions.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { type Delivery, isHeld } from '../ports/task-queue.ts';
import type { TaskSpec } from '../tasks/define-task.ts';
import type { TaskImplementation } from '../tasks/implement-task.ts';
import { type AttemptWriter, openAttemptWriter } from './attempt-writer.ts';
import { payDeadLetter } from './dead-letter.ts';
import { loadValue, resultKey, storeValue } from './payloads.ts';
import { type AttemptEnd, runAttempt } from './run-attempt.ts';
import { saveTransition } from './save-transition.ts';
import { unknownTask } from './unknown-task.ts';
import type { WorkerSetup } from './worker-setup.ts';

/** What becomes of a delivered message: deleted, or kept in the queue (already hidden until its time). */
export type Disposition = { readonly kind: 'delete' } | { readonly kind: 'keep' };

const deleted: Disposition = { kind: 'delete' };
const kept: Disposition = { kind: 'keep' };

/**
 * Handles one message: resolve → claim → run → decide → record → emit. Throws only what the store or the queue throws;
 * the message is then the caller's to keep, and the record says how far the task came.
 */
export async function executeDelivery(
  ports: PipelinePorts,
  setup: WorkerSetup,
  delivery: Delivery,
): Promise<Disposition> {
  const parsed = parseMessage(delivery.body);
  if ('unreadable' in parsed) return refuseUnreadable(ports, setup, delivery, parsed.unreadable);
  const { taskId, epoch, dead = false } = parsed.message;

  const record = await ports.store.read(taskId);
  if (record === null)
    return refuseUnreadable(ports, setup, delivery, `there is no record of task ${taskId}`);

  const claimed = await saveTransition(ports, record, { kind: 'claim', epoch, dead });
  if (isRefusal(claimed)) return handleRefusal(ports, setup, delivery, taskId, claimed);
  if (!isRunning(claimed)) return settle(ports, setup, delivery, claimed, 0);
  setup.observe({ kind: 'started', record: claimed, waitedMs: claimed.startedAt - dueSince(record) });
  return performAttempt(ports, setup, delivery, claimed);
}

async function performAttempt(
  ports: PipelinePorts,
  setup: WorkerSetup,
  delivery: Delivery,
  claimed: RunningRecord,
): Promise<Disposition> {
  const implementation = setup.implementations.get(claimed.task) ?? unknownTask(claimed);
  const writer = openAttemptWriter(ports, claimed);
  const end = await run(ports, setup, writer, claimed, implementation);
  const event =
    end.kind === 'superseded' ? null : await decide(ports, delivery, claimed, implementation.spec, end);
  const recorded = event === null ? null : await writer.write(event);
  if (recorded === null || isRefusal(recorded)) {
    setup.observe({ kind: 'superseded', record: claimed });
    return deleted;
  }
  return settle(ports, setup, delivery, recorded, ports.clock.now() - claimed.startedAt);
}

async function run(
  ports: PipelinePorts,
  setup: WorkerSetup,
  writer: AttemptWriter,
  record: RunningRecord,
  implementation: TaskImplementation,
): Promise<AttemptEnd> {
  const { deadline } = setup;
  const log = setup.logFor(record);
  try {
    const input = await loadValue(ports.payloads, record.input);
    return await runAttempt(ports, writer, { record, implementation, input, deadline, log });
  } catch (error) {
    return { kind: 'threw', error, progress: null };
  }
}

async function decide(
  ports: PipelinePorts,
  delivery: Delivery,
  record: RunningRecord,
  spec: TaskSpec,
  end: Exclude<AttemptEnd, { kind: 'superseded' }>,
): Promise<TaskEvent> {
  const { claim } = record;
  const { progress } = end;
  try {
    if (end.kind === 'threw') throw end.error;
    const result = await storeValue(ports.payloads, resultKey(record.taskId, record.epoch, claim), end.value);
    return { kind: 'succeed', claim, result, resultKeptMs: spec.resultExpires * 1000, progress };
  } catch (error) {
    const decision = decideFailure(record, spec.retry, error, ports.random());
    return decision.kind === 'retry'
      ? { ...decision, claim, progress, canPutBack: isHeld(delivery) }
      : { ...decision, claim, progress };
  }
}

/** The outcome is recorded; what is left is the message: its delay, its dead letter, its end. */
async function settle(
  ports: PipelinePorts,
  setup: WorkerSetup,
  delivery: Delivery,
  record: TaskRecord,
  durationMs: number,
): Promise<Disposition> {
  if (record.state === 'RETRY') {
    setup.observe({ kind: 'retrying', record, durationMs });
    if (record.wokenBy === 'reconciler') return deleted;
    return putBack(ports, delivery, record.nextAttemptAt);
  }
  setup.observe({ kind: record.state === 'SUCCESS' ? 'succeeded' : 'failed', record, durationMs });
  if (record.state === 'FAILURE' && record.deadLetter === 'owed') await payOrOwe(ports, setup, record);
  return deleted;
}

/** A letter that cannot be sent now stays owed; the reconciler pays it, so the message need not stay for it. */
async function payOrOwe(
  ports: PipelinePorts,
  setup: WorkerSetup,
  record: RecordIn<'FAILURE'>,
): Promise<void> {
  try {
    await payDeadLetter(ports, record);
  } catch (error) {
    setup.observe({ kind: 'letter-owed', record, error });
  }
}

async function handleRefusal(
  ports: PipelinePorts,
  setup: WorkerSetup,
  delivery: Delivery,
  taskId: string,
  refusal: Refusal,
): Promise<Disposition> {
  setup.observe({ kind: 'refused', taskId, reason: refusal.refused });
  return refusal.dueAt === undefined ? deleted : putBack(ports, delivery, refusal.dueAt);
}

async function putBack(ports: PipelinePorts, delivery: Delivery, dueAt: number): Promise<Disposition> {
  const wait = dueAt - ports.clock.now();
  // Came by a direct call, or too early for a task that the reconciler wakes: that brings the next message. SQS would
  // refuse to hide this one for more than 12 hours, counted from its receipt.
  if (!isHeld(delivery) || wait > timings.visibilityLimit) return deleted;
  const seconds = Math.max(0, Math.ceil(wait / 1000));
  await ports.queue.putBack(delivery, seconds);
  return kept;
}

async function refuseUnreadable(
  ports: PipelinePorts,
  setup: WorkerSetup,
  delivery: Delivery,
  reason: string,
): Promise<Disposition> {
  await ports.queue.sendUnreadable(delivery, reason);
  setup.observe({ kind: 'unreadable', messageId: delivery.messageId, reason });
  return deleted;
}

/** Since when the record has been ready to run. */
function dueSince(record: TaskRecord): number {
  return record.state === 'RETRY' ? record.nextAttemptAt : (record.timeline.at(-1)?.at ?? record.createdAt);
}
