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

/** Starts both limits of a task and the end of its invocation (`deadline`, ms since the epoch); returns their stop. */
export function startTimeLimits(
  clock: Clock,
  limit: TaskSpec['timeLimit'],
  deadline: number,
  actions: LimitActions,
): () => void {
  const untilDeadline = Math.max(0, deadline - clock.now());
  const cancels = [
    clock.after(limit.soft * 1000, () => {
      actions.soft(new SoftTimeLimitExceeded(`the soft time limit of ${limit.soft} s has passed`));
    }),
    clock.after(limit.hard * 1000, () => {
      actions.end(new TimeLimitExceeded(`the hard time limit of ${limit.hard} s has passed`));
    }),
    clock.after(untilDeadline, () => {
      actions.end(new InvocationEnding('the function ran out of time before the task ended'));
    }),
  ];
  return () => {
    for (const cancel of cancels) cancel();
  };
}
