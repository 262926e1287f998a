import { isRefusal } from '../lifecycle/refusal.ts';
import type { RunningRecord } from '../lifecycle/task-record.ts';
import type { Progress, TaskEvent } from '../lifecycle/transitions.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import type { TaskContext, TaskImplementation, TaskLog } from '../tasks/implement-task.ts';
import type { AttemptWriter } from './attempt-writer.ts';
import { startLeaseRenewal } from './lease-renewal.ts';
import { startProgressReporter } from './progress-reporter.ts';
import { ClaimLost, openSteps, type RunStep } from './steps.ts';
import { startTimeLimits } from './time-limits.ts';

/** The reason of an aborted `ctx.signal`, and of every `ctx` call, once the attempt is over. */
export class AttemptEnded extends Error {
  override name = 'AttemptEnded';
}

/** How the work of an attempt ended; `superseded` means that another worker has claimed the task meanwhile. */
export type AttemptEnd = (
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'superseded' }
) & { readonly progress: Progress | null };

/** An attempt to be run: the claimed record, its work and input, and when its invocation ends. */
export interface Attempt {
  readonly record: RunningRecord;
  readonly implementation: TaskImplementation;
  readonly input: unknown;
  readonly deadline: number;
  readonly log: TaskLog;
}

/**
 * Runs a task's work under its lease and limits. Never throws: whatever the work does becomes an `AttemptEnd`. Work that
 * goes on after its end is cut off: its signal is aborted, its `ctx` throws, and its writes are refused.
 */
export async function runAttempt(
  ports: PipelinePorts,
  writer: AttemptWriter,
  attempt: Attempt,
): Promise<AttemptEnd> {
  const { clock } = ports;
  const { record, implementation, log } = attempt;
  const { promise: cutShort, resolve: cut } = Promise.withResolvers<CutShort>();
  const abort = new AbortController();
  let over = false;

  async function writeOrCut(event: TaskEvent, what: string): Promise<void> {
    try {
      const saved = await writer.write(event);
      if (isRefusal(saved) && saved.refused === 'claim-lost') cut({ kind: 'superseded' });
    } catch (error) {
      log.warn(`${what} could not be written`, { error });
    }
  }

  const stopRenewal = startLeaseRenewal(clock, () =>
    writeOrCut({ kind: 'renew', claim: record.claim }, 'a renewal of the lease'),
  );
  const reporter = startProgressReporter(clock, (progress) => {
    void writeOrCut({ kind: 'progress', claim: record.claim, progress }, 'progress');
  });
  const stopLimits = startTimeLimits(clock, implementation.spec.timeLimit, attempt.deadline, {
    soft: (reason) => abort.abort(reason),
    end: (error) => cut({ kind: 'threw', error }),
  });

  const runStep = openSteps(ports, writer, record);
  function refuseWhenOver(): void {
    if (over) throw new AttemptEnded(`attempt ${record.attempts} of task ${record.taskId} is over`);
  }
  const startStep: RunStep = async (name, effect, options) => {
    refuseWhenOver();
    return runStep(name, effect, options);
  };

  const context: TaskContext = {
    taskId: record.taskId,
    tenant: record.tenant,
    attempt: record.attempts,
    signal: abort.signal,
    progress(percent, status) {
      refuseWhenOver();
      reporter.report(percent, status);
    },
    step(name, effect, options) {
      const step = startStep(name, effect, options);
      // Work that failed at one step waits for no other. Left to itself, the rejection of another would end the whole
      // process, and with it the tasks that run beside this one.
      step.catch((error: unknown) => {
        if (over) log.warn('a step failed after its attempt had ended', { step: name, error });
      });
      return step;
    },
    log,
  };

  const end = await Promise.race([work(implementation, attempt.input, context), cutShort]);
  over = true;
  stopRenewal();
  stopLimits();
  abort.abort(new AttemptEnded('the attempt is over'));
  return { ...end, progress: reporter.close() };
}

type CutShort = { kind: 'superseded' } | { kind: 'threw'; error: unknown };

async function work(implementation: TaskImplementation, input: unknown, context: TaskContext) {
  try {
    return { kind: 'returned', value: await implementation.run(input, context) } as const;
  } catch (error) {
    if (error instanceof ClaimLost) return { kind: 'superseded' } as const;
    return { kind: 'threw', error } as const;
  }
}
