import type { StepRecord } from '../../lifecycle/step-record.ts';
import type { TaskRecord } from '../../lifecycle/task-record.ts';
import type { Rule } from '../rule.ts';

/**
 * A step is recorded once for an input, by the attempt that holds the claim; from then on its effect is not run again,
 * and what was to run at most once never runs twice. A stale attempt that has not noticed may repeat an effect: it
 * could do so at any distance from the store, which is why effects are handed a key.
 */
export const steps: Rule = {
  name: 'steps',
  watch({ report }) {
    const recorded = new Map<string, StepRecord>();
    const began = new Set<string>();
    const holders = new Map<string, string>();
    const edits = new Map<string, number[]>();
    /** Steps belong to an input: those of attempts before an edit count no more. */
    const keyOf = ({ taskId, claim }: TaskRecord, name: string) => {
      const inputs = (edits.get(taskId) ?? []).filter((edit) => edit < claim).length;
      return `${taskId}/${inputs}/${name}`;
    };

    function seeSaved(process: string, record: TaskRecord, step: StepRecord): void {
      const key = keyOf(record, step.name);
      const known = recorded.get(key);
      if (known?.value && JSON.stringify(known) !== JSON.stringify(step)) {
        report(record.taskId, `step ${step.name} was recorded again by ${process}`);
      }
      if (holders.get(`${record.taskId}/${step.claim}`) !== process || record.claim !== step.claim) {
        report(record.taskId, `${process} recorded step ${step.name} without holding the claim`);
      }
      recorded.set(key, step);
    }

    return {
      see(observation) {
        switch (observation.kind) {
          case 'saved': {
            const { process, before, after } = observation;
            const { taskId, claim } = after;
            if (claim !== before.claim) holders.set(`${taskId}/${claim}`, process.id);
            const isEdited = JSON.stringify(after.input) !== JSON.stringify(before.input);
            if (isEdited || (after.stepsAfter !== before.stepsAfter && after.epoch > before.epoch)) {
              edits.set(taskId, [...(edits.get(taskId) ?? []), before.claim]);
            }
            return;
          }
          case 'step-saved':
            return seeSaved(observation.process.id, observation.record, observation.step);
          case 'step-returned': {
            const { record, step } = observation;
            if (!recorded.get(keyOf(record, step.name))?.value) {
              report(record.taskId, `step ${step.name} went on and is not recorded`);
            }
            return;
          }
          case 'effect': {
            const { record, step } = observation;
            const key = keyOf(record, step.name);
            const known = recorded.get(key);
            if (known?.value && known.claim <= record.claim) {
              report(record.taskId, `the effect of step ${step.name} was run again after it was recorded`);
            }
            if (step.atMostOnce && began.has(key)) {
              report(record.taskId, `the effect of at-most-once step ${step.name} was run again`);
            }
            began.add(key);
          }
        }
      },
    };
  },
};
