import { isRefusal, type Refusal } from '../lifecycle/refusal.ts';
import { isRunning, type RunningRecord, type TaskRecord } from '../lifecycle/task-record.ts';
import type { TaskEvent } from '../lifecycle/transitions.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { saveTransition } from './save-transition.ts';

/** The one line of writes of an attempt: lease renewals, progress and the outcome never overtake each other. */
export interface AttemptWriter {
  /** Applies an event after all earlier ones; every event is made under this attempt's claim. */
  write(event: TaskEvent): Promise<TaskRecord | Refusal>;
}

/** Opens the line of writes for a claimed record. */
export function openAttemptWriter(ports: PipelinePorts, claimed: RunningRecord): AttemptWriter {
  let latest: TaskRecord = claimed;
  let line: Promise<unknown> = Promise.resolve();

  async function apply(event: TaskEvent): Promise<TaskRecord | Refusal> {
    if (!isRunning(latest)) return { refused: 'ended' };
    const saved = await saveTransition(ports, latest, event);
    if (!isRefusal(saved)) latest = saved;
    return saved;
  }

  return {
    write(event) {
      const result = line.then(() => apply(event));
      // A failed write is its caller's to handle; the line itself goes on.
      line = result.catch(() => undefined);
      return result;
    },
  };
}
