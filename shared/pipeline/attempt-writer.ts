import { isRefusal, type Refusal } from '../lifecycle/refusal.ts';
import type { StepRecord } from '../lifecycle/step-record.ts';
import { isRunning, type RunningRecord, type TaskRecord } from '../lifecycle/task-record.ts';
import type { TaskEvent } from '../lifecycle/transitions.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { saveTransition } from './save-transition.ts';

/** The one line of writes of an attempt: lease renewals, progress, steps and the outcome never overtake each other. */
export interface AttemptWriter {
  /** Applies an event after all earlier ones; every event is made under this attempt's claim. */
  write(event: TaskEvent): Promise<TaskRecord | Refusal>;
  /** Records a step after all earlier writes; false when another worker has claimed the task. */
  saveStep(step: StepRecord): Promise<boolean>;
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

  function inLine<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = line.then(work);
    // A failed write is its caller's to handle; the line itself goes on.
    line = result.catch(() => undefined);
    return result;
  }

  return {
    write: (event) => inLine(() => apply(event)),
    saveStep: (step) => inLine(() => ports.store.saveStep(claimed.taskId, step)),
  };
}
