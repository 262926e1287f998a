import { readySince } from '../lifecycle/ready-since.ts';
import { isRefusal, type Refusal } from '../lifecycle/refusal.ts';
import type { Snooze } from '../lifecycle/snooze.ts';
import { parseMessage, type TaskMessage } from '../lifecycle/task-message.ts';
import { isRunning, type TaskRecord } from '../lifecycle/task-record.ts';
import { type TaskEvent, transition } from '../lifecycle/transitions.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import type { Delivery } from '../ports/task-queue.ts';
import type { TaskImplementation } from '../tasks/implement-task.ts';
import { type Admission, admit, startsAttempt, unlimited } from './admit.ts';
import { conclude, performAttempt } from './perform-attempt.ts';
import { reopenTask } from './reopen-task.ts';
import { saveTransition } from './save-transition.ts';
import {
  type Disposition,
  deleted,
  type Handling,
  putBack,
  settleRefusal,
  settleSnooze,
  settleUnreadable,
} from './settle.ts';
import { unknownTask } from './unknown-task.ts';
import type { WorkerSetup } from './worker-setup.ts';

/**
 * Handles one message: resolve → admit → claim → run → decide → record → emit. In `company` of other messages a task
 * whose worker died before is left for later (`alone`): what killed that one would take the others along. Throws only
 * what the store or the queue throws; the message is then the caller's to keep, and the record says how far the task came.
 */
export async function executeDelivery(
  ports: PipelinePorts,
  setup: WorkerSetup,
  delivery: Delivery,
  { company = false }: { company?: boolean } = {},
): Promise<Disposition> {
  const handling = { ports, setup, delivery };
  const parsed = parseMessage(delivery.body);
  if ('unreadable' in parsed) return settleUnreadable(handling, parsed.unreadable);
  const { taskId, epoch } = parsed.message;

  const found = await ports.store.read(taskId);
  if (found === null) return settleUnreadable(handling, `there is no record of task ${taskId}`);

  const record = await openEpoch(handling, found, parsed.message);
  if (record === null) return deleted;
  const implementation = setup.implementations.get(record.task) ?? unknownTask(record);
  const claim = { kind: 'claim', epoch, company } as const;
  const outlook = transition(record, claim, ports.clock.now());
  if (isRefusal(outlook)) return refuse(handling, record, outlook);
  // Limits are asked only for a task that would be run: what ends at once must use up none of them.
  const admission = isRunning(outlook) ? await admit(ports, implementation.spec, record) : unlimited;
  if (admission.kind === 'wait') return putOff(handling, record, { ...admission, epoch });
  // What its rate limit has not counted begins no attempt, whatever becomes of the task meanwhile.
  const isCounted = isRunning(outlook) && startsAttempt(record);
  const mayBegin = isCounted || implementation.spec.rateLimit === undefined;
  // Nor does a place count for another claim than the one it was taken for, or one that was not taken for any.
  const nextClaim = isRunning(outlook) ? outlook.claim : 0;
  const terms = { mayBegin, ...(implementation.spec.concurrency && { nextClaim }) };
  try {
    return await claimAndRun(handling, record, { ...claim, ...terms }, implementation);
  } finally {
    await leave(handling, record, admission);
  }
}

/**
 * A dead letter that somebody moved back opens the next epoch of its task. Null when another task holds the unique lock:
 * the letter then goes back to where it lay, and the task stays failed.
 */
async function openEpoch(
  { ports, setup, delivery }: Handling,
  record: TaskRecord,
  message: TaskMessage,
): Promise<TaskRecord | null> {
  if (!message.dead || record.state !== 'FAILURE' || record.epoch + 1 !== message.epoch) return record;
  const cause = { kind: 'dead-letter' } as const;
  const reopening = { epoch: message.epoch, cause, edited: null };
  const opened = await reopenTask(ports, record, reopening);
  if (!isRefusal(opened)) return opened;
  // Opened by another letter meanwhile: the claim says what is left to do.
  if (opened.refused !== 'lock-held') return (await ports.store.read(record.taskId)) ?? record;
  await ports.queue.sendDead(delivery.queue, message);
  setup.observe({ kind: 'refused', taskId: record.taskId, reason: opened.refused }, delivery);
  return null;
}

type Claim = Extract<TaskEvent, { kind: 'claim' }>;

async function refuse(handling: Handling, record: TaskRecord, refusal: Refusal): Promise<Disposition> {
  if (refusal.refused === 'alone') return { kind: 'alone', lost: record.lost };
  return settleRefusal(handling, record.taskId, refusal);
}

/** A limit has no room for the task now. */
async function putOff(handling: Handling, record: TaskRecord, snooze: Snooze): Promise<Disposition> {
  // A lost worker's task is nobody's to put off: its message comes again.
  if (isRunning(record)) return putBack(handling, snooze.until);
  const { epoch, until, waitsFor, hasTurn } = snooze;
  const event = { kind: 'snooze', epoch, until, waitsFor, hasTurn } as const;
  const saved = await saveTransition(handling.ports, record, event);
  return isRefusal(saved) ? settleRefusal(handling, record.taskId, saved) : settleSnooze(handling, saved);
}

async function leave(
  { setup }: Handling,
  record: TaskRecord,
  admission: Extract<Admission, { kind: 'start' }>,
): Promise<void> {
  try {
    await admission.leave();
  } catch (error) {
    // Whoever needs the place finds that its task has ended.
    setup.logFor(record).warn('a place under a concurrency key could not be given back', { error });
  }
}

async function claimAndRun(
  handling: Handling,
  record: TaskRecord,
  claim: Claim,
  implementation: TaskImplementation,
): Promise<Disposition> {
  const { ports, setup, delivery } = handling;
  const claimed = await saveTransition(ports, record, claim);
  if (isRefusal(claimed)) return refuse(handling, record, claimed);
  if (!isRunning(claimed)) {
    return conclude(handling, implementation, claimed, { durationMs: 0, result: null });
  }
  const waitedMs = ports.clock.now() - (readySince(record) ?? record.createdAt);
  setup.observe({ kind: 'started', record: claimed, waitedMs }, delivery);
  return performAttempt(handling, claimed, implementation);
}
