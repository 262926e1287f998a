import { isEnded } from '../../lifecycle/task-record.ts';
import type { Rule } from '../rule.ts';

/** One task for an idempotency key or a schedule's slot, and one unfinished task for a unique key. */
export const oneOfAKind: Rule = {
  name: 'one of a kind',
  watch({ report }) {
    const answered = new Map<string, string>();
    const unfinished = new Map<string, string>();
    return {
      see(observation) {
        if (
          observation.kind === 'accepted' &&
          observation.ask.sameAs !== null &&
          observation.ask.thing === null
        ) {
          const { ask, taskId } = observation;
          const known = answered.get(ask.sameAs ?? '') ?? taskId;
          answered.set(ask.sameAs ?? '', known);
          if (known !== taskId) report(taskId, `was accepted for ${ask.sameAs}, as was ${known}`);
        }
        if (observation.kind !== 'created' && observation.kind !== 'saved') return;
        const record = observation.kind === 'created' ? observation.record : observation.after;
        const { taskId, uniqueKey } = record;
        if (uniqueKey === null) return;
        const holder = unfinished.get(uniqueKey);
        if (isEnded(record)) {
          if (holder === taskId) unfinished.delete(uniqueKey);
        } else if (holder !== undefined && holder !== taskId) {
          report(taskId, `is unfinished, as is ${holder} of the same unique key`);
        } else unfinished.set(uniqueKey, taskId);
      },
    };
  },
};
