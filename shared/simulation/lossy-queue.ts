import type { MemoryTaskQueue } from '../memory/memory-task-queue.ts';
import { longestDelay } from '../ports/queue-limits.ts';
import type { TaskQueue } from '../ports/task-queue.ts';
import type { QueueName } from '../tasks/define-task.ts';
import type { Chances } from './chances.ts';
import type { Choices } from './choices.ts';
import type { Journal } from './journal.ts';
import type { Observe } from './observation.ts';
import type { SimProcess } from './process.ts';

/** What a queue that loses messages takes. */
export interface LossyMeans {
  readonly observe: Observe;
  readonly chances: Chances;
  readonly choices: Choices;
  readonly journal: Journal;
  /** Called when a message will be visible in so many milliseconds. */
  onVisibleIn(queue: QueueName, ms: number): void;
}

/** The queues that all processes share: hints get lost, doubled, delayed and so reordered; dead letters do not. */
export function createLossyQueue(base: MemoryTaskQueue, means: LossyMeans) {
  const { observe, chances, choices, journal, onVisibleIn } = means;
  return (process: SimProcess): TaskQueue => ({
    ...base,
    async send(queue, message, options) {
      const { taskId, epoch } = message;
      const note = (what: string) =>
        journal.note(process.id, taskId, () => `hint for epoch ${epoch} ${what}`);
      const dropped = chances.strikes('message-dropped', choices);
      const doubled = chances.strikes('message-duplicated', choices);
      const copies = dropped ? 0 : doubled ? 2 : 1;
      if (copies !== 1) note(copies === 0 ? 'sent, and lost on the way' : 'sent, and doubled on the way');
      for (let copy = 0; copy < copies; copy++) {
        // The second of two copies may come at the very same time.
        const isLate = chances.strikes('message-delayed', choices) || (copy > 0 && choices.chance(0.5));
        const extra = choices.between(1, 120);
        const delaySeconds = Math.min(longestDelay, options.delaySeconds + (isLate ? extra : 0));
        if (copies === 1) note(isLate ? `sent, ${extra} s late` : 'sent');
        await base.send(queue, message, { ...options, delaySeconds });
        onVisibleIn(queue, delaySeconds * 1000);
      }
    },
    async putBack(delivery, seconds) {
      await base.putBack(delivery, seconds);
      onVisibleIn(delivery.queue, seconds * 1000);
    },
    async sendDead(queue, message) {
      await base.sendDead(queue, message);
      journal.note(process.id, message.taskId, () => `dead letter for epoch ${message.epoch} sent`);
      observe({ kind: 'letter-sent', queue, message });
    },
  });
}
