import { decideFailure } from '../lifecycle/decide-failure.ts';
import { isRefusal } from '../lifecycle/refusal.ts';
import type { RunningRecord, TaskRecord } from '../lifecycle/task-record.ts';
import type { TaskEvent } from '../lifecycle/transitions.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { type Delivery, isHeld } from '../ports/task-queue.ts';
import type { TaskSpec } from '../tasks/define-task.ts';
import type { TaskImplementation } from '../tasks/implement-task.ts';
import { type AttemptWriter, openAttemptWriter } from './attempt-writer.ts';
import { loadValue, resultKey, storeValue } from './payloads.ts';
import { asPipelineFault } from './pipeline-fault.ts';
import { type AttemptEnd, runAttempt } from './run-attempt.ts';
import { runHooks } from './run-hooks.ts';
import { type Disposition, deleted, type Handling, settle } from './settle.ts';
import { writeOutcome } from './write-outcome.ts';

/** Runs a claimed task: run → decide → record → emit. Throws what the store throws. */
export async function performAttempt(
  handling: Handling,
  claimed: RunningRecord,
  implementation: TaskImplementation,
): Promise<Disposition> {
  const { ports, setup, delivery } = handling;
  const begin = ports.clock.now();
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
  const result = end.kind === 'returned' ? end.value : null;
  return conclude(handling, implementation, recorded, { durationMs: ports.clock.now() - begin, result });
}

/** The outcome stands: what is left is the message, and what the author wants to follow. */
export async function conclude(
  handling: Handling,
  implementation: TaskImplementation,
  record: TaskRecord,
  { durationMs, result }: { readonly durationMs: number; readonly result: unknown },
): Promise<Disposition> {
  const disposition = await settle(handling, record, durationMs);
  await runHooks(handling, implementation, record, result);
  return disposition;
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
  if (end.kind === 'continued') return { kind: 'continue', claim, progress };
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
