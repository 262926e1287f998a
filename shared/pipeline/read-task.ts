import { isEnded, type TaskRecord } from '../lifecycle/task-record.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { loadValue } from './payloads.ts';

/** How far a task has come, as its owner may see it. */
export interface TaskOutcome {
  readonly record: TaskRecord;
  /** Null until SUCCESS, and again once the result has expired. */
  readonly result: unknown;
  readonly resultExpired: boolean;
}

/** A task as its owner may see it: its outcome, and its arguments fetched. */
export interface TaskReading extends TaskOutcome {
  readonly input: unknown;
}

/** Whose task, and which. */
export interface TaskQuery {
  readonly tenant: string;
  readonly taskId: string;
}

/** A task's record; null when the id is unknown, another tenant's, or the record has expired. */
export async function findTask(
  ports: Pick<PipelinePorts, 'store' | 'clock'>,
  { tenant, taskId }: TaskQuery,
): Promise<TaskRecord | null> {
  const record = await ports.store.read(taskId);
  if (record === null || record.tenant !== tenant) return null;
  // DynamoDB deletes expired items late, so expiry is decided here.
  return isEnded(record) && record.expiresAt <= ports.clock.now() ? null : record;
}

/**
 * Reads how far a task has come, without its arguments: what is polled must cost little. Null as for `findTask`; throws
 * PayloadMissing when a result that should be there is gone.
 */
export async function readOutcome(ports: PipelinePorts, query: TaskQuery): Promise<TaskOutcome | null> {
  const record = await findTask(ports, query);
  if (record === null) return null;
  const resultExpired = record.state === 'SUCCESS' && record.resultExpiresAt <= ports.clock.now();
  const hasResult = record.state === 'SUCCESS' && !resultExpired;
  const result = hasResult ? await loadValue(ports.payloads, record.result) : null;
  return { record, result, resultExpired };
}

/** Reads one task whole; null and errors as for `readOutcome`, PayloadMissing also for arguments that are gone. */
export async function readTask(ports: PipelinePorts, query: TaskQuery): Promise<TaskReading | null> {
  const outcome = await readOutcome(ports, query);
  return outcome && { ...outcome, input: await loadValue(ports.payloads, outcome.record.input) };
}
