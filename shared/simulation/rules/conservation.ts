import { isEnded, type TaskRecord } from '../../lifecycle/task-record.ts';
import type { Rule } from '../rule.ts';

/** What was accepted is there and ends; nothing is there that nobody asked for. */
export const conservation: Rule = {
  name: 'conservation',
  watch({ report }) {
    const asks = new Map<number, number>();
    const accepted = new Set<string>();
    const created = new Map<number, number>();
    return {
      see(observation) {
        if (observation.kind === 'asked') add(asks, observation.ask.n);
        if (observation.kind === 'accepted') accepted.add(observation.taskId);
        if (observation.kind === 'must-not-happen') report(observation.taskId, observation.what);
        if (observation.kind !== 'created') return;
        const { record } = observation;
        const n = askOf(record);
        if (n !== null && add(created, n) > (asks.get(n) ?? 0)) {
          report(record.taskId, `was created, though nobody had asked for task ${n} so often`);
        }
      },
      end({ records }) {
        for (const taskId of accepted) {
          if (!records.has(taskId)) report(taskId, 'was accepted and is not there');
        }
        for (const record of records.values()) {
          if (!isEnded(record)) report(record.taskId, `has not ended: it is still ${record.state}`);
        }
      },
    };
  },
};

function add(counts: Map<number, number>, n: number): number {
  const count = (counts.get(n) ?? 0) + 1;
  counts.set(n, count);
  return count;
}

/** The number of the ask that a record came from; null when its input lies in the payload store. */
function askOf({ input }: TaskRecord): number | null {
  return input.kind === 'inline' ? Number(JSON.parse(input.json).n) : null;
}
