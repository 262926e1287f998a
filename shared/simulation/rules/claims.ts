import { isRunning, type RunningRecord, type TaskRecord } from '../../lifecycle/task-record.ts';
import { timings } from '../../lifecycle/timings.ts';
import type { SimProcess } from '../process.ts';
import { clockTolerance, type Rule } from '../rule.ts';

/** A claim follows on a message of its epoch and on no other claim that holds; only its holder writes under it. */
export const claims: Rule = {
  name: 'claims',
  watch({ plan, report }) {
    const tolerance = clockTolerance(plan);
    const holders = new Map<string, SimProcess>();
    const messages = new Set<string>();

    function seeClaim(process: SimProcess, before: TaskRecord, after: RunningRecord): void {
      const { taskId, epoch } = after;
      const now = process.clock.now() + tolerance;
      holders.set(`${taskId}/${after.claim}`, process);
      if (!messages.has(`${process.id}/${taskId}/${epoch}`)) {
        report(taskId, `${process.id} claimed it in epoch ${epoch}, without a message of that epoch`);
      }
      if (isRunning(before) && before.leaseUntil > now) {
        report(taskId, `${process.id} claimed it ${before.leaseUntil - now} ms before the lease was over`);
      }
      if (before.state === 'RETRY' && before.nextAttemptAt > now + timings.earlyTolerance) {
        report(taskId, `${process.id} claimed it before its next attempt was due`);
      }
      if (before.state === 'SCHEDULED' && before.dueAt > now + timings.earlyTolerance) {
        report(taskId, `${process.id} claimed it before it was due`);
      }
    }

    function seeWrite(process: SimProcess, before: RunningRecord, after: TaskRecord): void {
      if (holders.get(`${after.taskId}/${after.claim}`) === process) return;
      const isFlag = isRunning(after) && before.cancelRequest === null && after.cancelRequest !== null;
      const isOver = before.leaseUntil <= process.clock.now() + tolerance;
      const isLost =
        after.state === 'CANCELLED' || (after.state === 'FAILURE' && after.error.type === 'WorkerLost');
      if (isFlag || (isOver && isLost)) return;
      report(
        after.taskId,
        `${process.id} wrote ${after.state} under claim ${after.claim} of another process`,
      );
    }

    return {
      see(observation) {
        if (observation.kind === 'delivered') {
          const { process, message } = observation;
          messages.add(`${process.id}/${message.taskId}/${message.epoch}`);
        }
        if (observation.kind !== 'saved') return;
        const { process, before, after } = observation;
        if (after.claim !== before.claim && isRunning(after)) seeClaim(process, before, after);
        else if (isRunning(before)) seeWrite(process, before, after);
      },
    };
  },
};
