import { parseMessage } from '../lifecycle/task-message.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import type { HeldLetter } from '../ports/task-queue.ts';
import type { QueueName } from '../tasks/define-task.ts';

/** What a sweep of dead-letter queues did. */
export interface LetterSweep {
  readonly lookedAt: number;
  readonly removed: number;
  /** What kept letters from being shown again at once; they show up by themselves a minute later. For the log only. */
  readonly hidden: readonly unknown[];
}

/** Longer than a sweep takes, so that it meets no letter twice; a sweep that dies shows them again after this. Seconds. */
const hideSeconds = 60;
/** Letters in a row that still count, after which the rest is left to the next sweep: each costs a read. */
const mostInVain = 1000;

/**
 * Removes dead letters whose task has gone on without them: redriven or retried by a request, which cannot reach into a
 * queue. What still counts, or cannot be read, is shown again. A sweep looks on while it finds superseded letters, and
 * ends at `deadline` (ms since the epoch). Throws what the ports throw. Any number of sweeps may overlap.
 */
export async function sweepDeadLetters(
  ports: Pick<PipelinePorts, 'store' | 'queue' | 'clock'>,
  queues: readonly QueueName[],
  deadline: number,
): Promise<LetterSweep> {
  const sweeps = await Promise.all(queues.map((queue) => sweepQueue(ports, queue, deadline)));
  return {
    lookedAt: sweeps.reduce((sum, { lookedAt }) => sum + lookedAt, 0),
    removed: sweeps.reduce((sum, { removed }) => sum + removed, 0),
    hidden: sweeps.flatMap(({ hidden }) => hidden),
  };
}

async function sweepQueue(
  ports: Pick<PipelinePorts, 'store' | 'queue' | 'clock'>,
  queue: QueueName,
  deadline: number,
): Promise<LetterSweep> {
  const counting: HeldLetter[] = [];
  let shown: PromiseSettledResult<void>[] = [];
  let removed = 0;
  let inVain = 0;
  try {
    while (inVain < mostInVain && ports.clock.now() < deadline) {
      const letters = await ports.queue.receiveDead(queue, hideSeconds);
      if (letters.length === 0) break;
      for (const letter of letters) {
        if (await isSuperseded(ports, letter)) {
          await ports.queue.removeDead(letter);
          removed++;
          inVain = 0;
        } else {
          counting.push(letter);
          inVain++;
        }
      }
    }
  } finally {
    // One that cannot be shown now shows up by itself once its time is over.
    shown = await Promise.allSettled(counting.map((letter) => ports.queue.putBackDead(letter)));
  }
  const hidden = shown.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  return { lookedAt: counting.length + removed, removed, hidden };
}

/** A letter would open an epoch; once the task is there by other means, moving it back would do nothing. */
async function isSuperseded(ports: Pick<PipelinePorts, 'store'>, { body }: HeldLetter): Promise<boolean> {
  const parsed = parseMessage(body);
  if ('unreadable' in parsed || !parsed.message.dead) return false;
  const record = await ports.store.read(parsed.message.taskId);
  return record !== null && record.epoch >= parsed.message.epoch;
}
