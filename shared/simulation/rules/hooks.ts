import type { TaskRecord } from '../../lifecycle/task-record.ts';
import type { HookName } from '../observation.ts';
import type { Rule } from '../rule.ts';

/** A hook runs at most once for an outcome, after that was recorded, in the process that recorded it. */
export const hooks: Rule = {
  name: 'hooks',
  watch({ report }) {
    const outcomes = new Map<string, string>();
    const ran = new Set<string>();
    return {
      see(observation) {
        if (observation.kind === 'saved') {
          const { process, before, after } = observation;
          const hook = hookOf(after);
          if (hook !== null && before.state !== after.state) outcomes.set(nameOf(after, hook), process.id);
        }
        if (observation.kind !== 'hook') return;
        const { process, record, hook } = observation;
        const name = nameOf(record, hook);
        if (outcomes.get(name) !== process.id) report(record.taskId, `${hook} ran for what was not recorded`);
        if (ran.has(name)) report(record.taskId, `${hook} ran twice for one outcome`);
        ran.add(name);
      },
    };
  },
};

function nameOf({ taskId, epoch, claim }: TaskRecord, hook: HookName): string {
  return `${taskId}/${epoch}/${claim}/${hook}`;
}

function hookOf({ state }: TaskRecord): HookName | null {
  if (state === 'SUCCESS') return 'onSuccess';
  if (state === 'FAILURE') return 'onFailure';
  return state === 'RETRY' ? 'onRetry' : null;
}
