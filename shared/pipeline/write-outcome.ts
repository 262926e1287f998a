import type { Refusal } from '../lifecycle/refusal.ts';
import { isRunning, type RunningRecord, type TaskRecord } from '../lifecycle/task-record.ts';
import type { TaskEvent } from '../lifecycle/transitions.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import type { AttemptWriter } from './attempt-writer.ts';

/** Milliseconds between two tries; all of them fit into what is left of a lease that was just renewed. */
const pauses = [1000, 2000, 4000, 8000];

/**
 * Records what an attempt came to, with patience: finished work must not be done again because the store was away for a
 * moment. The claim makes a late try harmless, and one that finds its own outcome there has succeeded before. Gives up at
 * `deadline` (ms since the epoch); throws what the last try threw.
 */
export async function writeOutcome(
  { clock, store }: Pick<PipelinePorts, 'clock' | 'store'>,
  writer: AttemptWriter,
  { claimed, event, deadline }: { claimed: RunningRecord; event: TaskEvent; deadline: number },
): Promise<TaskRecord | Refusal> {
  for (const pause of pauses) {
    try {
      return await writer.write(event);
    } catch (error) {
      if (clock.now() + pause > deadline) throw error;
    }
    await new Promise<void>((resolve) => clock.after(pause, resolve));
    // A store that cannot be read either is met again by the next try, and the last one tells.
    const current = await store.read(claimed.taskId).catch(() => null);
    if (current !== null && isOutcomeOf(claimed, current)) return current;
  }
  return writer.write(event);
}

/** Only the attempt itself, or a cancel of it, ends what it has claimed. */
function isOutcomeOf({ epoch, claim }: RunningRecord, current: TaskRecord): boolean {
  return current.epoch === epoch && current.claim === claim && !isRunning(current);
}
