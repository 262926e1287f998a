import { isInstance } from '../lifecycle/is-instance.ts';
import { isRefusal } from '../lifecycle/refusal.ts';
import { isRunning, type RunningRecord, type TaskRecord } from '../lifecycle/task-record.ts';
import { timings } from '../lifecycle/timings.ts';
import type { Progress, TaskEvent } from '../lifecycle/transitions.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import type { TaskImplementation, TaskLog } from '../tasks/implement-task.ts';
import { openContext } from './attempt-context.ts';
import { AttemptEnded, ClaimLost, TaskCancelled } from './attempt-errors.ts';
import type { AttemptWriter } from './attempt-writer.ts';
import { openContinuation } from './continuation.ts';
import { startProgressReporter } from './progress-reporter.ts';
import { repeat } from './repeat.ts';
import { withStrayRejections } from './stray-rejections.ts';
import { startTimeLimits, TimeLimitExceeded } from './time-limits.ts';

/** How the work of an attempt ended; `superseded` means that another worker has claimed the task meanwhile. */
export type AttemptEnd = WorkEnd & { readonly progress: Progress | null };

type WorkEnd =
  /** Between two steps, with little time left: it goes on in a fresh invocation. */
  | { readonly kind: 'continued' }
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'superseded' };

/** An attempt to be run: the claimed record, its work and input, and when its invocation ends. */
export interface Attempt {
  readonly record: RunningRecord;
  readonly implementation: TaskImplementation;
  readonly input: unknown;
  readonly deadline: number;
  readonly log: TaskLog;
  /** Told of work that goes on although the attempt was cut off. */
  leftRunning(work: Promise<unknown>): void;
}

/**
 * Runs a task's work under its lease and limits, and stops it when somebody asks for its cancel. Never throws: whatever
 * the work does becomes an `AttemptEnd`. Work that goes on after its end is cut off: its signal is aborted, its `ctx`
 * throws, and its writes are refused.
 */
export async function runAttempt(
  ports: PipelinePorts,
  writer: AttemptWriter,
  attempt: Attempt,
): Promise<AttemptEnd> {
  const { clock, store } = ports;
  const { record, implementation, log } = attempt;
  const { timeLimit } = implementation.spec;
  const { promise: cutShort, resolve: cut } = Promise.withResolvers<WorkEnd>();
  const abort = new AbortController();
  let over = false;

  /** Looks at the newest state of the record: somebody may have asked for a cancel, or claimed the task. */
  function notice(current: TaskRecord | null): void {
    if (current === null || !isRunning(current) || current.claim !== record.claim)
      cut({ kind: 'superseded' });
    else if (current.cancelRequest !== null) cancel();
  }

  function cancel(): void {
    if (abort.signal.reason instanceof TaskCancelled || over) return;
    const error = new TaskCancelled(`task ${record.taskId} was cancelled`);
    abort.abort(error);
    stops.push(clock.after(timings.cancelGrace, () => cut({ kind: 'threw', error })));
  }

  async function attend(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      log.warn(`${what} failed`, { error });
    }
  }

  async function write(event: TaskEvent): Promise<void> {
    const saved = await writer.write(event);
    if (!isRefusal(saved)) notice(saved);
    else if (saved.refused === 'claim-lost') cut({ kind: 'superseded' });
  }

  const reporter = startProgressReporter(clock, (progress) => {
    void attend('a report of progress', () => write({ kind: 'progress', claim: record.claim, progress }));
  });
  const stops = [
    repeat(clock, timings.renewEvery, () =>
      attend('a renewal of the lease', () => write({ kind: 'renew', claim: record.claim })),
    ),
    repeat(clock, timings.cancelPoll, () =>
      attend('a look for a cancel', async () => notice(await store.read(record.taskId))),
    ),
    startTimeLimits(
      clock,
      timeLimit,
      { startedAt: record.startedAt, deadline: attempt.deadline },
      {
        soft: (reason) => abort.abort(reason),
        end: (error) => cut({ kind: 'threw', error }),
      },
    ),
  ];

  const continuation = openContinuation(clock, timeLimit, attempt.deadline, (reason) => abort.abort(reason));
  const context = openContext(ports, writer, {
    ...{ record, reporter, log, signal: abort.signal, continuation },
    isOver: () => over,
  });
  const work = perform(
    () => implementation.run(attempt.input, context),
    (error) => {
      if (over) log.warn('a promise of the task was rejected after its attempt had ended', { error });
      else cut({ kind: 'threw', error });
    },
  );
  let left = true;
  void work.then(() => {
    left = false;
  });
  const end = await Promise.race([work, cutShort]);
  over = true;
  for (const stop of stops) stop();
  abort.abort(new AttemptEnded('the attempt is over'));
  if (left) attempt.leftRunning(work);
  const progress = reporter.close();
  return continuation.isRequested() && maybeContinued(end)
    ? { kind: 'continued', progress }
    : { ...end, progress };
}

/** Work that was told to go on later has not ended, whatever it makes of that; unless it was cut off at its limit. */
function maybeContinued(end: WorkEnd): boolean {
  if (end.kind === 'superseded') return false;
  return !(end.kind === 'threw' && isInstance(end.error, TimeLimitExceeded));
}

async function perform(run: () => Promise<unknown>, onStray: (error: unknown) => void): Promise<WorkEnd> {
  try {
    return { kind: 'returned', value: await withStrayRejections(run, onStray) };
  } catch (error) {
    return isInstance(error, ClaimLost) ? { kind: 'superseded' } : { kind: 'threw', error };
  }
}
