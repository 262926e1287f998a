import type { Rule } from '../rule.ts';

/** A task whose worker died runs alone in its process, so that what killed that one takes no other along. */
export const alone: Rule = {
  name: 'alone',
  watch({ report }) {
    const running = new Map<string, Map<string, { taskId: string; lost: number }>>();
    return {
      see(observation) {
        if (observation.kind !== 'attempt') return;
        const { process, messageId, event } = observation;
        const beside = running.get(process.id) ?? new Map();
        running.set(process.id, beside);
        if (event.kind === 'ended' || event.kind === 'superseded' || event.kind === 'fault')
          beside.delete(messageId);
        if (event.kind !== 'started') return;
        const { taskId, lost } = event.record;
        for (const other of beside.values()) {
          if (lost > 0 || other.lost > 0)
            report(taskId, `runs beside ${other.taskId}, though a worker had died over one`);
        }
        beside.set(messageId, { taskId, lost });
      },
    };
  },
};
