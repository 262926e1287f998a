import * as z from 'zod';
import { countUp, type Ledger, type LedgerEntry } from './ledger.ts';
import type { PatientClient } from './patient-client.ts';
import type { PlannedTask } from './plan-tasks.ts';

const accepted = z.object({ task_id: z.string() });
const clients = 8;

/**
 * Submits tasks from several clients at once, each under an idempotency key, so that asking again after a lost answer is
 * harmless. `onAccepted` is told of each task as it is accepted, and awaited.
 */
export async function submitTasks(
  ask: PatientClient,
  ledger: Ledger,
  planned: readonly PlannedTask[],
  onAccepted: (entry: LedgerEntry) => Promise<void>,
): Promise<void> {
  const left = [...planned];
  const client = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const entry = await submitOne(ask, ledger, next);
      if (entry !== null) await onAccepted(entry);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
}

async function submitOne(
  ask: PatientClient,
  ledger: Ledger,
  planned: PlannedTask,
): Promise<LedgerEntry | null> {
  const { key, tenant, task, input, priority, tags } = planned;
  const { status, body } = await ask({
    ...{ method: 'POST', path: '/api/v1/tasks', tenant },
    body: { task, input, priority, tags },
    headers: { 'idempotency-key': key },
  });
  // 200: an earlier try was accepted, its answer lost, and the task has ended by now.
  if (status !== 202 && status !== 200) {
    ledger.faults.push(`submitting ${key} (${task}) was answered ${status}: ${JSON.stringify(body)}`);
    return null;
  }
  const { task_id: taskId } = accepted.parse(body);
  const entry = { taskId, planned, cancelled: false, reopened: 0, maybeReopened: 0, done: false };
  ledger.entries.push(entry);
  countUp(ledger.counts, 'submitted');
  return entry;
}
