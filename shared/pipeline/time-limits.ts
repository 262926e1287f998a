import type { Clock } from '../ports/clock.ts';
import type { TaskSpec } from '../tasks/define-task.ts';

/** The reason of an aborted `ctx.signal` when a task has used up its soft limit: time to finish in order. */
export class SoftTimeLimitExceeded extends Error {
  override name = 'SoftTimeLimitExceeded';
}

/** Ends an attempt at its hard limit. */
export class TimeLimitExceeded extends Error {
  override name = 'TimeLimitExceeded';
}

/** Ends an attempt because its function is about to be stopped; the task is tried again. */
export class InvocationEnding extends Error {
  override name = 'InvocationEnding';
}

/** What the limits do to an attempt: ask it to stop, or end it. */
export interface LimitActions {
  soft(reason: Error): void;
  end(reason: Error): void;
}

/** When an attempt began, and when its invocation must have ended; milliseconds since the epoch. */
export interface AttemptTimes {
  readonly startedAt: number;
  readonly deadline: number;
}

/** Starts the limits of a task and the end of its invocation; returns their stop. */
export function startTimeLimits(
  clock: Clock,
  limit: TaskSpec['timeLimit'],
  { startedAt, deadline }: AttemptTimes,
  actions: LimitActions,
): () => void {
  const untilDeadline = Math.max(0, deadline - clock.now());
  const { total } = limit;
  const cancels = [
    clock.after(limit.soft * 1000, () => {
      actions.soft(new SoftTimeLimitExceeded(`the soft time limit of ${limit.soft} s has passed`));
    }),
    clock.after(limit.hard * 1000, () => {
      actions.end(new TimeLimitExceeded(`the hard time limit of ${limit.hard} s has passed`));
    }),
    // One that lies beyond this invocation is another's to watch; timers of the system end at 24 days.
    ...(total === undefined || startedAt + total * 1000 > deadline
      ? []
      : [
          clock.after(Math.max(0, startedAt + total * 1000 - clock.now()), () => {
            actions.end(new TimeLimitExceeded(`the total time limit of ${total} s has passed`));
          }),
        ]),
    clock.after(untilDeadline, () => {
      actions.end(new InvocationEnding('the function ran out of time before the task ended'));
    }),
  ];
  return () => {
    for (const cancel of cancels) cancel();
  };
}
