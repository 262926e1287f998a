import { isRunning, type RunningRecord, type TaskRecord } from '../../lifecycle/task-record.ts';
import type { SimProcess } from '../process.ts';
import { clockTolerance, type Rule } from '../rule.ts';
import { simulatedTasks } from '../tasks.ts';

/** A place whose claim was not made within this time is given to others. */
const claimWithin = 30_000;

interface Holder {
  readonly process: SimProcess;
  readonly record: RunningRecord;
}

/**
 * No more attempts of a concurrency key run at once than it allows, among those that never let their lease run out: a
 * worker that came back after that finds its place given away, as would be its task. Nor can it be promised of one that
 * stalled between its place and its claim.
 */
export const places: Rule = {
  name: 'places',
  watch({ plan, now, report }) {
    const tolerance = clockTolerance(plan);
    const holders = new Map<string, Map<string, Holder>>();
    const taken = new Map<string, number>();
    const latest = new Map<string, TaskRecord>();
    /** Claims that cannot be held to it any more: `<taskId>/<claim>`. */
    const excused = new Set<string>();

    function isHolding({ process, record }: Holder): boolean {
      const current = latest.get(record.taskId);
      if (!process.isAlive() || current === undefined || !isRunning(current)) return false;
      const holds = current.claim === record.claim && current.leaseUntil > now() + tolerance;
      return holds && !excused.has(nameOf(current));
    }

    function seeStart(process: SimProcess, messageId: string, record: RunningRecord): void {
      const { taskId, concurrencyKey } = record;
      if (concurrencyKey === null) return;
      const own = { process, record };
      if (!isHolding(own)) return;
      const of = holders.get(concurrencyKey) ?? new Map<string, Holder>();
      holders.set(concurrencyKey, of);
      for (const [at, holder] of of) if (!isHolding(holder)) of.delete(at);
      of.set(`${process.id}/${messageId}`, own);
      const most = simulatedTasks.find(({ name }) => name === record.task)?.concurrency?.most ?? 0;
      if (of.size > most) report(taskId, `${of.size} attempts of its concurrency key run at once`);
    }

    function seeSaved(process: SimProcess, before: TaskRecord, after: TaskRecord): void {
      latest.set(after.taskId, after);
      if (after.concurrencyKey === null || !isRunning(after)) return;
      if (after.claim > before.claim) {
        const at = taken.get(`${process.id}/${after.taskId}`);
        if (at === undefined) report(after.taskId, `${process.id} began an attempt without a place`);
        else if (now() - at > claimWithin - tolerance) excused.add(nameOf(after));
      } else if (isRunning(before) && before.leaseUntil <= now() + tolerance) excused.add(nameOf(after));
    }

    return {
      see(observation) {
        if (observation.kind === 'limit-changed' && Array.isArray(observation.after)) {
          const { process, before, after } = observation;
          const offset = process.clock.now() - now();
          const known = new Set(Array.isArray(before) ? before.map((holder) => JSON.stringify(holder)) : []);
          for (const holder of after) {
            if (known.has(JSON.stringify(holder))) continue;
            taken.set(`${process.id}/${holder.taskId}`, holder.since - offset);
          }
        }
        if (observation.kind === 'saved')
          seeSaved(observation.process, observation.before, observation.after);
        if (observation.kind !== 'attempt') return;
        const { process, messageId, event } = observation;
        if (event.kind === 'started' && isRunning(event.record)) seeStart(process, messageId, event.record);
        if (event.kind !== 'ended' && event.kind !== 'superseded' && event.kind !== 'fault') return;
        for (const of of holders.values()) of.delete(`${process.id}/${messageId}`);
      },
    };
  },
};

function nameOf({ taskId, claim }: TaskRecord): string {
  return `${taskId}/${claim}`;
}
