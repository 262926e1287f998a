import { isRefusal } from '../lifecycle/refusal.ts';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import { reconcileAction } from '../lifecycle/wake.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { attentionShards, type DueTask } from '../ports/task-store.ts';
import { payDeadLetter } from './dead-letter.ts';
import { saveTransition } from './save-transition.ts';
import { sendHint } from './send-hint.ts';

/** What the reconciler did about one due record. */
export type ReconcileOutcome =
  | 'hint-sent'
  | 'letter-sent'
  | 'expired'
  | 'postponed'
  | 'left-alone'
  | 'failed';

/** How a run is bounded and where it tells what it did. */
export interface ReconcileOptions {
  /** Milliseconds since the epoch after which no further page is begun. */
  readonly deadline: number;
  /** @default 100 */
  readonly pageSize?: number;
  observe?(event: { taskId: string; outcome: ReconcileOutcome; error: unknown }): void;
}

/** What a run did, by outcome; `complete` is false when it stopped at its deadline and left the rest to the next run. */
export interface ReconcileReport {
  readonly counts: Readonly<Record<ReconcileOutcome, number>>;
  readonly complete: boolean;
}

/**
 * Looks at every record whose time has come: sends lost messages again, wakes due tasks and tasks whose worker died,
 * pays owed dead letters. Any number of runs may overlap: each moves a record's `wakeAt` by its own condition first and
 * acts only if that succeeded. A fault at one record does not keep the others waiting.
 */
export async function reconcile(ports: PipelinePorts, options: ReconcileOptions): Promise<ReconcileReport> {
  const counts = { 'hint-sent': 0, 'letter-sent': 0, expired: 0, postponed: 0, 'left-alone': 0, failed: 0 };
  const shards = await Promise.all(
    attentionShards.map((shard) => reconcileShard(ports, shard, options, counts)),
  );
  return { counts, complete: shards.every(Boolean) };
}

async function reconcileShard(
  ports: PipelinePorts,
  shard: number,
  options: ReconcileOptions,
  counts: Record<ReconcileOutcome, number>,
): Promise<boolean> {
  const { deadline, pageSize = 100 } = options;
  const startedAt = ports.clock.now();
  let cursor: string | undefined;
  do {
    if (ports.clock.now() >= deadline) return false;
    const page = await ports.store.due(shard, startedAt, pageSize, cursor);
    for (const due of page.items) {
      if (ports.clock.now() >= deadline) return false;
      const { outcome, error } = await reconcileSafely(ports, due);
      counts[outcome]++;
      options.observe?.({ taskId: due.taskId, outcome, error });
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return true;
}

async function reconcileSafely(
  ports: PipelinePorts,
  due: DueTask,
): Promise<{ outcome: ReconcileOutcome; error: unknown }> {
  try {
    return { outcome: await reconcileOne(ports, due), error: null };
  } catch (error) {
    return { outcome: 'failed', error };
  }
}

async function reconcileOne(ports: PipelinePorts, due: DueTask): Promise<ReconcileOutcome> {
  const record = await ports.store.read(due.taskId);
  // The index lags behind: another run may have seen to this record already.
  if (record === null || record.wakeAt !== due.wakeAt) return 'left-alone';
  const action = reconcileAction(record, ports.clock.now(), ports.newId());
  if (action === null) return 'left-alone';
  if (action.kind === 'expire') {
    const expired = await saveTransition(ports, record, { kind: 'expire' });
    return isRefusal(expired) ? 'left-alone' : 'expired';
  }
  const moved = await ports.store.moveWake(record, action);
  if (!moved) return 'left-alone';
  if (action.kind === 'look') return 'postponed';
  return action.kind === 'letter' ? payLetter(ports, record) : sendAgain(ports, record);
}

async function sendAgain(ports: PipelinePorts, record: TaskRecord): Promise<ReconcileOutcome> {
  const error = await sendHint(ports, record);
  if (error !== null) throw error;
  return 'hint-sent';
}

async function payLetter(ports: PipelinePorts, record: TaskRecord): Promise<ReconcileOutcome> {
  if (record.state !== 'FAILURE') return 'left-alone';
  await payDeadLetter(ports, record);
  return 'letter-sent';
}
