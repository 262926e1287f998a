import type { HookContext, TaskHooks } from '../tasks/implement-task.ts';
import type { AttemptLog } from './implementations.ts';
import type { HookName, Observe } from './observation.ts';
import type { SimProcess } from './process.ts';

/** The hooks of simulated tasks as one process runs them: most do what they should, some fail, some never end. */
export function bindHooks(process: SimProcess, observe: Observe): TaskHooks<unknown> {
  const { clock, choices } = process;
  const run = (hook: HookName) => async (_: unknown, context: HookContext) => {
    const { record } = context.log as AttemptLog;
    observe({ kind: 'hook', process, record, hook });
    const mood = choices.pick(['well', 'well', 'well', 'fails', 'hangs'] as const);
    if (mood === 'fails') throw new Error('the hook failed');
    const ms = mood === 'hangs' ? 60_000 : choices.between(1, 500);
    await new Promise<void>((resolve) => void clock.after(ms, resolve));
  };
  return { onSuccess: run('onSuccess'), onFailure: run('onFailure'), onRetry: run('onRetry') };
}
