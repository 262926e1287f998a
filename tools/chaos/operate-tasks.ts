import * as z from 'zod';
import { countUp, type Ledger, type LedgerEntry } from './ledger.ts';
import type { PatientClient } from './patient-client.ts';
import { redriveTag, tenants, type Wish } from './plan-tasks.ts';

const taskState = z.object({ state: z.string() });
const redriven = z.object({
  items: z.array(z.object({ task_id: z.string(), outcome: z.string() })),
  next_cursor: z.string().nullable(),
});

/** Cancels a task; a 409 says that it has ended otherwise. */
export async function cancelTask(ask: PatientClient, ledger: Ledger, entry: LedgerEntry): Promise<void> {
  const { taskId, planned } = entry;
  const path = `/api/v1/tasks/${taskId}/cancel`;
  const { status, body } = await ask({ method: 'POST', path, tenant: planned.tenant });
  if (status === 200) entry.cancelled = true;
  if (planned.wish === 'cancel' || status === 409) entry.done = true;
  if (status === 200 || status === 409)
    countUp(ledger.counts, status === 200 ? 'cancelled' : 'cancelled too late');
  else ledger.faults.push(`cancelling ${taskId} was answered ${status}: ${JSON.stringify(body)}`);
}

/** Retries and redrives the tasks that are meant to be and have ended by now. */
export async function reopenTasks(ask: PatientClient, ledger: Ledger): Promise<void> {
  const waiting = ledger.entries.filter(({ done, planned }) => !done && retries.includes(planned.wish));
  for (const entry of waiting) await retryTask(ask, ledger, entry);
  for (const tenant of tenants) await redriveTagged(ask, ledger, tenant);
}

const retries: readonly (Wish | null)[] = ['cancel and retry', 'retry', 'retry edited'];

async function retryTask(ask: PatientClient, ledger: Ledger, entry: LedgerEntry): Promise<void> {
  const { taskId, planned } = entry;
  const { tenant, input, wish } = planned;
  const path = `/api/v1/tasks/${taskId}`;
  const read = await ask({ method: 'GET', path, tenant });
  const { state } = taskState.safeParse(read.body).data ?? {};
  if (state === undefined) {
    ledger.faults.push(`reading ${taskId} was answered ${read.status}: ${JSON.stringify(read.body)}`);
    entry.done = true;
    return;
  }
  if (state !== 'FAILURE' && state !== 'CANCELLED') return;
  const edited = wish === 'retry edited' ? { input: { ...input, fail_first: 0 } } : {};
  const { status, body, unsure } = await ask({ method: 'POST', path: `${path}/retry`, tenant, body: edited });
  entry.maybeReopened += unsure;
  // 409 after a try without an answer: that one was accepted.
  if (status === 202 || (status === 409 && unsure > 0)) {
    entry.cancelled = false;
    entry.done = true;
  }
  if (status === 202) {
    entry.reopened++;
    countUp(ledger.counts, wish === 'retry edited' ? 'retried, edited' : 'retried');
  } else if (status !== 409 || unsure === 0) {
    ledger.faults.push(`retrying ${taskId} in ${state} was answered ${status}: ${JSON.stringify(body)}`);
  }
}

/** Redrives a tenant's dead letters by their tag; what a lost answer may have redriven is reckoned with. */
async function redriveTagged(ask: PatientClient, ledger: Ledger, tenant: string): Promise<void> {
  const meant = ledger.entries.filter(
    ({ planned, done }) => !done && planned.wish === 'redrive' && planned.tenant === tenant,
  );
  if (meant.length === 0) return;
  let cursor: string | null = null;
  do {
    const { status, body, unsure } = await ask({
      ...{ method: 'POST', path: '/api/v1/dead-letters/redrive', tenant },
      body: { filter: { tag: redriveTag }, ...(cursor !== null && { cursor }) },
    });
    if (status !== 200) {
      ledger.faults.push(`redriving was answered ${status}: ${JSON.stringify(body)}`);
      return;
    }
    const page = redriven.parse(body);
    const outcomes = new Map(page.items.map(({ task_id, outcome }) => [task_id, outcome]));
    const tagged = ledger.entries.filter(
      ({ planned }) => planned.wish === 'redrive' && planned.tenant === tenant,
    );
    for (const entry of tagged) {
      const outcome = outcomes.get(entry.taskId);
      // A fault in the midst of one, too, leaves open whether it was done.
      entry.maybeReopened += unsure + (outcome === 'error' ? 1 : 0);
      if (outcome !== 'redriven') continue;
      entry.reopened++;
      entry.done = true;
      countUp(ledger.counts, 'redriven');
    }
    cursor = page.next_cursor;
  } while (cursor !== null);
}
