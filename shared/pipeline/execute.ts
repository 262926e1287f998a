import { decideFailure } from '../lifecycle/decide-failure.ts';
import { isRefusal } from '../lifecycle/refusal.ts';
import { parseMessage, type TaskMessage } from '../lifecycle/task-message.ts';
import { isRunning, type RunningRecord, type TaskRecord } from '../lifecycle/task-record.ts';
import type { TaskEvent } from '../lifecycle/transitions.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { type Delivery, isHeld } from '../ports/task-queue.ts';
import type { TaskSpec } from '../tasks/define-task.ts';
import type { TaskImplementation } from '../tasks/implement-task.ts';
import { type AttemptWriter, openAttemptWriter } from './attempt-writer.ts';
import { loadValue, resultKey, storeValue } from './payloads.ts';
import { asPipelineFault } from './pipeline-fault.ts';
import { reopenTask } from './reopen-task.ts';
import { type AttemptEnd, runAttempt } from './run-attempt.ts';
import { saveTransition } from './save-transition.ts';
import {
  type Disposition,
  deleted,
  type Handling,
  settle,
  settleRefusal,
  settleUnreadable,
} from './settle.ts';
import { unknownTask } from './unknown-task.ts';
import type { WorkerSetup } from './worker-setup.ts';
import { writeOutcome } from './write-outcome.ts';

/**
 * Handles one message: resolve → claim → run → decide → record → emit. In `company` of other messages a task whose worker
 * died before is left for later (`alone`): what killed that one would take the others along. Throws only what the store
 * or the queue throws; the message is then the caller's to keep, and the record says how far the task came.
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
  const claimed = await saveTransition(ports, record, { kind: 'claim', epoch, company });
  if (isRefusal(claimed) && claimed.refused === 'alone') return { kind: 'alone', lost: found.lost };
  if (isRefusal(claimed)) return settleRefusal(handling, taskId, claimed);
  if (!isRunning(claimed)) return settle(handling, claimed, 0);
  setup.observe(
    { kind: 'started', record: claimed, waitedMs: claimed.startedAt - dueSince(record) },
    delivery,
  );
  return performAttempt(handling, claimed);
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
  const opened = await reopenTask(ports, record, {
    ...{ epoch: message.epoch, cause: { kind: 'dead-letter' }, input: null, uniqueKey: record.uniqueKey },
  });
  if (!isRefusal(opened)) return opened;
  // Opened by another letter meanwhile: the claim says what is left to do.
  if (opened.refused !== 'lock-held') return (await ports.store.read(record.taskId)) ?? record;
  await ports.queue.sendDead(delivery.queue, message);
  setup.observe({ kind: 'refused', taskId: record.taskId, reason: opened.refused }, delivery);
  return null;
}

async function performAttempt(handling: Handling, claimed: RunningRecord): Promise<Disposition> {
  const { ports, setup, delivery } = handling;
  const implementation = setup.implementations.get(claimed.task) ?? unknownTask(claimed);
  const writer = openAttemptWriter(ports, claimed);
  const end = await run(handling, writer, claimed, implementation);
  const event =
    end.kind === 'superseded' ? null : await decide(ports, delivery, claimed, implementation.spec, end);
  const { deadline } = setup;
  const recorded = event === null ? null : await writeOutcome(ports, writer, { claimed, event, deadline });
  if (recorded === null || isRefusal(recorded)) {
    setup.observe({ kind: 'superseded', record: claimed }, delivery);
    return deleted;
  }
  return settle(handling, recorded, ports.clock.now() - claimed.startedAt);
}

async function run(
  { ports, setup }: Handling,
  writer: AttemptWriter,
  record: RunningRecord,
  implementation: TaskImplementation,
): Promise<AttemptEnd> {
  const { deadline } = setup;
  const log = setup.logFor(record);
  const leftRunning = (work: Promise<unknown>) => setup.leftRunning?.(work);
  try {
    const input = await asPipelineFault('load the arguments', () => loadValue(ports.payloads, record.input));
    return await runAttempt(ports, writer, { record, implementation, input, deadline, log, leftRunning });
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
    const { value } = end;
    const key = resultKey(record.taskId, record.epoch, claim);
    const result = await asPipelineFault('store the result', () => storeValue(ports.payloads, key, value));
    return { kind: 'succeed', claim, result, resultKeptMs: spec.resultExpires * 1000, progress };
  } catch (error) {
    const decision = decideFailure(record, spec.retry, error, ports.random());
    return decision.kind === 'retry'
      ? { ...decision, claim, progress, canPutBack: isHeld(delivery) }
      : { ...decision, claim, progress };
  }
}

/** Since when the record has been ready to run. */
function dueSince(record: TaskRecord): number {
  return record.state === 'RETRY' ? record.nextAttemptAt : (record.timeline.at(-1)?.at ?? record.createdAt);
}
