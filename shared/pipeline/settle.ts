import type { Refusal } from '../lifecycle/refusal.ts';
import type { RecordIn, TaskRecord } from '../lifecycle/task-record.ts';
import { timings } from '../lifecycle/timings.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { type Delivery, isHeld } from '../ports/task-queue.ts';
import { payDeadLetter } from './dead-letter.ts';
import { sendHint } from './send-hint.ts';
import type { WorkerSetup } from './worker-setup.ts';

/**
 * What becomes of a delivered message: deleted, kept in the queue (already hidden until its time), or not looked into yet
 * because its task must run alone.
 */
export type Disposition =
  | { readonly kind: 'delete' }
  | { readonly kind: 'keep' }
  | { readonly kind: 'alone'; readonly lost: number };

export const deleted: Disposition = { kind: 'delete' };
export const kept: Disposition = { kind: 'keep' };

/** A delivery, and who handles it with what. */
export interface Handling {
  readonly ports: PipelinePorts;
  readonly setup: WorkerSetup;
  readonly delivery: Delivery;
}

/** The outcome is recorded; what is left is the message: its delay, its dead letter, its end. */
export async function settle(
  handling: Handling,
  record: TaskRecord,
  durationMs: number,
): Promise<Disposition> {
  const { setup, delivery } = handling;
  setup.observe({ kind: 'ended', record, durationMs }, delivery);
  if (record.state === 'RETRY') {
    return record.wokenBy === 'reconciler' ? deleted : putBack(handling, record.nextAttemptAt);
  }
  if (record.state === 'PENDING') await sendOn(handling, record);
  if (record.state === 'FAILURE' && record.deadLetter === 'owed') await payOrOwe(handling, record);
  return deleted;
}

/** A limit has put the task off: a delayed message of its own brings it, so that this one need not be held so long. */
export async function settleSnooze(handling: Handling, record: TaskRecord): Promise<Disposition> {
  handling.setup.observe({ kind: 'snoozed', record }, handling.delivery);
  if (!('wokenBy' in record) || record.wokenBy === 'reconciler') return deleted;
  await sendOn(handling, record);
  return deleted;
}

async function sendOn({ ports, setup, delivery }: Handling, record: TaskRecord): Promise<void> {
  const error = await sendHint(ports, record);
  if (error !== null) setup.observe({ kind: 'hint-unsent', record, error }, delivery);
}

/** A letter that cannot be sent now stays owed; the reconciler pays it, so the message need not stay for it. */
async function payOrOwe({ ports, setup, delivery }: Handling, record: RecordIn<'FAILURE'>): Promise<void> {
  try {
    await payDeadLetter(ports, record);
  } catch (error) {
    setup.observe({ kind: 'letter-owed', record, error }, delivery);
  }
}

/** The message asks for what does not apply: it is dropped, or comes again when it will. */
export async function settleRefusal(
  handling: Handling,
  taskId: string,
  refusal: Refusal,
): Promise<Disposition> {
  handling.setup.observe({ kind: 'refused', taskId, reason: refusal.refused }, handling.delivery);
  return refusal.dueAt === undefined ? deleted : putBack(handling, refusal.dueAt);
}

/** Hides the message until `dueAt`. */
export async function putBack({ ports, delivery }: Handling, dueAt: number): Promise<Disposition> {
  const wait = dueAt - ports.clock.now();
  // Came by a direct call, or too early for a task that the reconciler wakes: that brings the next message. SQS would
  // refuse to hide this one for more than 12 hours, counted from its receipt.
  if (!isHeld(delivery) || wait > timings.visibilityLimit) return deleted;
  await ports.queue.putBack(delivery, Math.max(0, Math.ceil(wait / 1000)));
  return kept;
}

/** A message that no worker can handle goes to the dead-letter queue, with the reason. */
export async function settleUnreadable(
  { ports, setup, delivery }: Handling,
  reason: string,
): Promise<Disposition> {
  await ports.queue.sendUnreadable(delivery, reason);
  setup.observe({ kind: 'unreadable', messageId: delivery.messageId, reason }, delivery);
  return deleted;
}
