import { parseMessage } from '../../lifecycle/task-message.ts';
import type { MemoryPorts } from '../../memory/memory-ports.ts';
import { type QueueName, queueNames } from '../../tasks/define-task.ts';
import type { Rule } from '../rule.ts';

/** Errors that no retry can mend; everything else that fails leaves a dead letter. */
const permanent = ['PermanentError', 'InvalidInput', 'InvalidResult', 'NotJson', 'StepUncertain', 'Expired'];

/** A failed task that is to have a dead letter has it, and no other has one; nor is a message lost that nobody could handle. */
export const deadLetters: Rule = {
  name: 'dead letters',
  watch({ plan, report }) {
    const failed = new Set<string>();
    return {
      see(observation) {
        if (observation.kind === 'letter-sent') {
          const { taskId, epoch } = observation.message;
          if (!failed.has(`${taskId}/${epoch - 1}`))
            report(taskId, `a letter for epoch ${epoch} came before its time`);
        }
        if (observation.kind !== 'saved' || observation.after.state !== 'FAILURE') return;
        const { taskId, epoch, deadLetter, error } = observation.after;
        failed.add(`${taskId}/${epoch}`);
        if ((deadLetter === 'none') !== permanent.includes(error.type)) {
          report(taskId, `failed with ${error.type}, its dead letter being ${deadLetter}`);
        }
      },
      end({ records, base }) {
        for (const action of plan.actions) {
          if (action.kind !== 'stray-message') continue;
          const letters = base.queue.deadLetters(action.queue);
          if (!letters.some(({ body }) => body === action.body))
            report(null, `the message ${action.body} is gone`);
        }
        const kept = new Set(queueNames.flatMap((queue) => lettersOf(base, queue)));
        for (const record of records.values()) {
          if (record.state !== 'FAILURE' || record.deadLetter === 'none') continue;
          const { taskId, epoch, deadLetter } = record;
          if (deadLetter === 'owed') report(taskId, 'still owes its dead letter');
          else if (!kept.has(`${taskId}/${epoch + 1}`))
            report(taskId, `its letter for epoch ${epoch + 1} is gone`);
        }
      },
    };
  },
};

function lettersOf(base: MemoryPorts, queue: QueueName): string[] {
  return base.queue.deadLetters(queue).map(({ body }) => {
    const parsed = parseMessage(body);
    return 'unreadable' in parsed ? 'unreadable' : `${parsed.message.taskId}/${parsed.message.epoch}`;
  });
}
