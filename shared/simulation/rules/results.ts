import { isEnded, type RecordIn } from '../../lifecycle/task-record.ts';
import { loadValue } from '../../pipeline/payloads.ts';
import type { Rule } from '../rule.ts';
import {
  failsTask,
  guardedTask,
  hangsTask,
  hostTask,
  largeTask,
  okTask,
  permanentTask,
  poisonTask,
  progressTask,
  rateTask,
} from '../tasks.ts';

const neverSucceed: readonly string[] = [permanentTask.name, poisonTask.name, hangsTask.name];
const alwaysSucceed: readonly string[] = [
  ...[okTask.name, progressTask.name, largeTask.name],
  ...[rateTask.name, hostTask.name, guardedTask.name],
];

/** A success is the work of the attempt that recorded it, and can be read; a failure never passes as one. */
export const results: Rule = {
  name: 'results',
  watch({ plan, report }) {
    const holders = new Map<string, string>();
    const isFair =
      Object.values(plan.weather).every((probability) => probability === 0) &&
      plan.actions.every(({ kind }) => kind !== 'cancel' && kind !== 'deploy');

    function seeSuccess({ taskId, task, attempts, input }: RecordIn<'SUCCESS'>): void {
      if (neverSucceed.includes(task)) report(taskId, `${task} ended SUCCESS, though it never succeeds`);
      if (task === failsTask.name && input.kind === 'inline' && attempts <= JSON.parse(input.json).times) {
        report(taskId, `ended SUCCESS in attempt ${attempts}, which failed`);
      }
    }

    return {
      see(observation) {
        if (observation.kind !== 'saved') return;
        const { process, before, after } = observation;
        if (after.claim !== before.claim) holders.set(`${after.taskId}/${after.claim}`, process.id);
        if (after.state === 'SUCCESS') seeSuccess(after);
      },
      async end({ records, base }) {
        for (const record of records.values()) {
          const { taskId, state, task } = record;
          const must = alwaysSucceed.includes(task) && record.startBy === null;
          if (isFair && must && isEnded(record) && state !== 'SUCCESS') {
            report(taskId, `${task} ended ${state}, though nothing went wrong`);
          }
          if (record.state !== 'SUCCESS') continue;
          const result = (await loadValue(base.payloads, record.result).catch(() => null)) as {
            by: string;
          } | null;
          const holder = holders.get(`${taskId}/${record.claim}`);
          if (result === null) report(taskId, 'its result is gone');
          else if (result.by !== holder) {
            report(taskId, `has the result of ${result.by}, and claim ${record.claim} belongs to ${holder}`);
          }
        }
      },
    };
  },
};
