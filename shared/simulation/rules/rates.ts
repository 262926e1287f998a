import { rateGate, spacingOf } from '../../lifecycle/rate-gate.ts';
import { isRunning } from '../../lifecycle/task-record.ts';
import { parseRate, type Rate } from '../../tasks/rate-limit.ts';
import { clockTolerance, type Rule } from '../rule.ts';
import { simulatedTasks } from '../tasks.ts';

/**
 * No more attempts start in any window of one period than the rate allows. A worker that stalls between the gate and its
 * start begins late, and nobody can help that: each start counts at the time at which its worker was let in. What starts
 * no attempt (a lost worker's task, one that goes on) needs no leave.
 */
export const rates: Rule = {
  name: 'rates',
  watch({ plan, now, report }) {
    const limits = new Map(
      simulatedTasks.flatMap(({ name, rateLimit }) => (rateLimit ? [[name, parseRate(rateLimit)]] : [])) as [
        string,
        Rate,
      ][],
    );
    /** Of each process and task: when it was let in and has not started yet. */
    const letIn = new Map<string, number[]>();
    const starts = new Map<string, number[]>();

    function seeStart(taskId: string, task: string, { count, periodMs }: Rate, at: number): void {
      const all = [...(starts.get(task) ?? []), at].sort((a, b) => a - b);
      starts.set(task, all);
      for (const [index, time] of all.entries()) {
        const before = all[index - count];
        const tooSoon = before === undefined ? 0 : periodMs - clockTolerance(plan) - (time - before);
        if (tooSoon > 0) report(taskId, `${count + 1} attempts began within ${periodMs - tooSoon} ms`);
      }
    }

    return {
      see(observation) {
        if (observation.kind === 'limit-changed' && observation.key.startsWith('rate/')) {
          const { process, key, before, after } = observation;
          const rate = limits.get(key.slice('rate/'.length));
          const { opensAt } = rateGate.parse(after);
          if (rate === undefined || (before !== null && rateGate.parse(before).opensAt === opensAt)) return;
          // By the world's clock; the process may have stalled between its decision and this.
          const at = opensAt - spacingOf(rate) - (process.clock.now() - now());
          const of = `${process.id}/${key}`;
          letIn.set(of, [...(letIn.get(of) ?? []), at]);
        }
        if (observation.kind !== 'saved') return;
        const { process, before, after } = observation;
        const rate = limits.get(after.task);
        const continues = 'continues' in before && before.continues !== null;
        if (rate === undefined || after.claim === before.claim || isRunning(before) || continues) return;
        const at = letIn.get(`${process.id}/rate/${after.task}`)?.shift();
        if (at === undefined)
          report(after.taskId, `${process.id} began an attempt without leave of its rate limit`);
        seeStart(after.taskId, after.task, rate, at ?? now());
      },
    };
  },
};
