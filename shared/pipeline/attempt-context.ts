import type { RunningRecord } from '../lifecycle/task-record.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import type { TaskContext, TaskLog } from '../tasks/implement-task.ts';
import { AttemptEnded } from './attempt-errors.ts';
import type { AttemptWriter } from './attempt-writer.ts';
import type { Continuation } from './continuation.ts';
import type { ProgressReporter } from './progress-reporter.ts';
import { openSteps, type RunStep } from './steps.ts';

/** What a context speaks for. */
export interface ContextOf {
  readonly record: RunningRecord;
  readonly reporter: ProgressReporter;
  readonly signal: AbortSignal;
  readonly log: TaskLog;
  readonly continuation: Continuation;
  /** Whether the attempt has ended: from then on every call throws AttemptEnded. */
  isOver(): boolean;
}

/** Opens what an attempt's work is given beside its input. */
export function openContext(ports: PipelinePorts, writer: AttemptWriter, of: ContextOf): TaskContext {
  const { record, reporter, signal, log } = of;
  const runStep = openSteps(ports, writer, record, of.continuation);
  function refuseWhenOver(): void {
    if (of.isOver()) throw new AttemptEnded(`attempt ${record.attempts} of task ${record.taskId} is over`);
  }
  const startStep: RunStep = async (name, effect, options) => {
    refuseWhenOver();
    const begunAt = ports.clock.now();
    log.debug('step begun', { step: name });
    const result = await runStep(name, effect, options);
    log.debug('step ended', { step: name, duration_ms: ports.clock.now() - begunAt });
    return result;
  };
  return {
    taskId: record.taskId,
    tenant: record.tenant,
    correlationId: record.correlationId,
    attempt: record.attempts,
    signal,
    progress(percent, status) {
      refuseWhenOver();
      reporter.report(percent, status);
    },
    step(name, effect, options) {
      const step = startStep(name, effect, options);
      // Work that failed at one step waits for no other, and the rejection of that other is nobody's to handle then.
      step.catch((error: unknown) => {
        if (of.isOver()) log.warn('a step failed after its attempt had ended', { step: name, error });
      });
      return step;
    },
    log,
  };
}
