import { isRunning } from '../../lifecycle/task-record.ts';
import { timings } from '../../lifecycle/timings.ts';
import type { Rule } from '../rule.ts';

/** No more attempts than the policy allows, counted here and not by the record; nor more lost workers. */
export const attempts: Rule = {
  name: 'attempts',
  watch({ report }) {
    const begun = new Map<string, number>();
    const lost = new Map<string, number>();
    return {
      see(observation) {
        if (observation.kind !== 'saved') return;
        const { before, after } = observation;
        if (after.claim === before.claim) return;
        const { taskId, epoch } = after;
        const key = `${taskId}/${epoch}`;
        const counts = isRunning(before) ? lost : begun;
        const count = (counts.get(key) ?? 0) + 1;
        counts.set(key, count);
        if (counts === begun && count > after.maxAttempts) {
          report(taskId, `attempt ${count} of ${after.maxAttempts} in epoch ${epoch} has begun`);
        }
        if (counts === lost && count >= timings.lostWorkers) {
          report(taskId, `ran on after ${count} lost workers in epoch ${epoch}`);
        }
        if (after.attempts !== begun.get(key)) {
          report(taskId, `counts ${after.attempts} attempts, and ${begun.get(key)} have begun`);
        }
      },
    };
  },
};
