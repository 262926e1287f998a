import { isRunning, type TaskRecord } from '../../lifecycle/task-record.ts';
import { timings } from '../../lifecycle/timings.ts';
import type { Rule } from '../rule.ts';

/**
 * No more attempts than the policy allows, counted here and not by the record; nor more lost workers. What goes on in a
 * fresh invocation is the same attempt, and a limit that puts a task off spends none.
 */
export const attempts: Rule = {
  name: 'attempts',
  watch({ report }) {
    const begun = new Map<string, number>();
    const lost = new Map<string, number>();
    const count = (counts: Map<string, number>, { taskId, epoch }: TaskRecord) => {
      const counted = (counts.get(`${taskId}/${epoch}`) ?? 0) + 1;
      counts.set(`${taskId}/${epoch}`, counted);
      return counted;
    };

    function seeBegin(after: TaskRecord): void {
      const { taskId, maxAttempts, epoch } = after;
      const nth = count(begun, after);
      if (nth > maxAttempts) report(taskId, `attempt ${nth} of ${maxAttempts} in epoch ${epoch} has begun`);
    }

    function seeLost(after: TaskRecord): void {
      const nth = count(lost, after);
      if (nth >= timings.lostWorkers) {
        report(after.taskId, `ran on after ${nth} lost workers in epoch ${after.epoch}`);
      }
    }

    return {
      see(observation) {
        if (observation.kind !== 'saved') return;
        const { before, after } = observation;
        const { taskId, epoch } = after;
        const key = `${taskId}/${epoch}`;
        if (after.claim === before.claim) {
          if (epoch === before.epoch && after.attempts !== before.attempts) {
            report(taskId, `counts ${after.attempts} attempts after ${before.attempts}, and none has begun`);
          }
          // It has come further without losing this worker: what it lost before was not its fault.
          if (isRunning(before) && after.state === 'PENDING') lost.delete(key);
          return;
        }
        const continued = 'continues' in before ? before.continues : null;
        if (isRunning(before)) seeLost(after);
        else if (continued === null) seeBegin(after);
        else if (isRunning(after) && after.startedAt !== continued.startedAt) {
          report(taskId, `goes on, and forgets when attempt ${after.attempts} began`);
        }
        if (after.attempts !== begun.get(key)) {
          report(taskId, `counts ${after.attempts} attempts, and ${begun.get(key)} have begun`);
        }
      },
    };
  },
};
