import { isEnded, type TaskRecord } from '../lifecycle/task-record.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { loadValue } from './payloads.ts';

/** A task as its owner may see it: the record with its arguments and result fetched. */
export interface TaskReading {
  readonly record: TaskRecord;
  readonly input: unknown;
  /** Null until SUCCESS, and again once the result has expired. */
  readonly result: unknown;
  readonly resultExpired: boolean;
}

/**
 * Reads one task. Null when the id is unknown, another tenant's, or the record has expired: DynamoDB deletes expired
 * items late, so expiry is decided here. Throws PayloadMissing when arguments that should be there are gone.
 */
export async function readTask(
  ports: PipelinePorts,
  query: { readonly tenant: string; readonly taskId: string },
): Promise<TaskReading | null> {
  const record = await ports.store.read(query.taskId);
  const now = ports.clock.now();
  if (record === null || record.tenant !== query.tenant) return null;
  if (isEnded(record) && record.expiresAt <= now) return null;
  const resultExpired = record.state === 'SUCCESS' && record.resultExpiresAt <= now;
  const [input, result] = await Promise.all([
    loadValue(ports.payloads, record.input),
    record.state === 'SUCCESS' && !resultExpired ? loadValue(ports.payloads, record.result) : null,
  ]);
  return { record, input, result, resultExpired };
}
