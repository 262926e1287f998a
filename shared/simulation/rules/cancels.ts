import { isEnded, type TaskRecord } from '../../lifecycle/task-record.ts';
import type { Rule } from '../rule.ts';

/** Once a cancel was accepted, that epoch of the task ends CANCELLED and not otherwise. */
export const cancels: Rule = {
  name: 'cancels',
  watch({ report }) {
    const accepted = new Set<string>();
    const outcomes = new Map<string, TaskRecord['state']>();
    const check = (taskId: string, key: string) => {
      const outcome = outcomes.get(key);
      if (accepted.has(key) && outcome !== undefined && outcome !== 'CANCELLED') {
        report(taskId, `its cancel was accepted, and it ended ${outcome}`);
      }
    };
    return {
      see(observation) {
        if (observation.kind === 'cancel-accepted') {
          const key = `${observation.taskId}/${observation.epoch}`;
          accepted.add(key);
          check(observation.taskId, key);
        }
        if (observation.kind === 'saved' && isEnded(observation.after)) {
          const { taskId, epoch, state } = observation.after;
          outcomes.set(`${taskId}/${epoch}`, state);
          check(taskId, `${taskId}/${epoch}`);
        }
      },
    };
  },
};
