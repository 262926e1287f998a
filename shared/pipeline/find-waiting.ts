import { readySince } from '../lifecycle/ready-since.ts';
import { timeOfId } from '../lifecycle/time-of-id.ts';
import { timings } from '../lifecycle/timings.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { attentionShards } from '../ports/task-store.ts';

/** Entries of the sparse index that are looked at in each shard: keys only, so they cost next to nothing. */
const entriesLookedAt = 250;
/** Records that are read of those entries, a read each: the oldest, and as many that are looked at next. */
const recordsRead = { oldest: 10, next: 10 };

/**
 * For how long the task that waits longest has been ready for a worker, in milliseconds; 0 when none has been for more than
 * `above`. The time at which the reconciler will look at a task tells nothing sure about how long that has waited, so
 * records are read, of at most 250 unfinished tasks a shard that are old enough by their id: the ten oldest, and ten
 * that are looked at next, because tasks that are scheduled for the coming hours may be older than any other. So the
 * cost is bounded whatever waits; the price is that one forgotten task can hide behind many that wait for a time. Throws
 * what the store throws.
 */
export async function longestWait(
  ports: Pick<PipelinePorts, 'store' | 'clock'>,
  above: number,
): Promise<number> {
  const now = ports.clock.now();
  const before = now - above;
  // The reconciler has moved the look at a task that waits by no more than this.
  const horizon = now + timings.resendCap;
  const pages = await Promise.all(
    attentionShards.map((shard) => ports.store.due(shard, horizon, entriesLookedAt)),
  );
  const old = pages
    .flatMap(({ items }) => items)
    .filter(({ taskId }) => (timeOfId(taskId) ?? 0) < before)
    .sort((a, b) => (a.taskId < b.taskId ? -1 : 1));
  const oldest = old.splice(0, recordsRead.oldest);
  const next = old.sort((a, b) => a.wakeAt - b.wakeAt).slice(0, recordsRead.next);
  const records = await Promise.all([...oldest, ...next].map(({ taskId }) => ports.store.read(taskId)));
  const waits = records.map((record) => now - ((record === null ? null : readySince(record)) ?? now));
  return Math.max(0, ...waits.filter((wait) => wait > above));
}

/** Whether a task has been ready for a worker for more than `longest` milliseconds, as {@link longestWait} sees it. */
export async function tasksWaitLonger(
  ports: Pick<PipelinePorts, 'store' | 'clock'>,
  longest: number,
): Promise<boolean> {
  return (await longestWait(ports, longest)) > 0;
}
