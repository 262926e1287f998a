import type { TaskRecord } from '../lifecycle/task-record.ts';
import { timings } from '../lifecycle/timings.ts';
import type { HookContext, TaskImplementation } from '../tasks/implement-task.ts';
import type { Handling } from './settle.ts';
import { withStrayRejections } from './stray-rejections.ts';

/** A hook took longer than it is waited for. */
export class HookTimedOut extends Error {
  override name = 'HookTimedOut';
}

/**
 * Runs what an author wants to follow a recorded outcome. Never throws: whatever a hook does is told to the observer and
 * has no bearing on the task. `result` is what a successful attempt returned.
 */
export async function runHooks(
  { ports, setup, delivery }: Handling,
  { hooks }: TaskImplementation,
  record: TaskRecord,
  result: unknown,
): Promise<void> {
  const abort = new AbortController();
  const { taskId, tenant, attempts: attempt } = record;
  const context: HookContext = { taskId, tenant, attempt, signal: abort.signal, log: setup.logFor(record) };
  const tell = (error: unknown) => setup.observe({ kind: 'hook-failed', record, error }, delivery);
  const { promise: tooLong, reject } = Promise.withResolvers<never>();
  const work = withStrayRejections(() => hookOf(record, hooks, result, context), tell);
  const stop = ports.clock.after(timings.hookLimit, () => {
    const error = new HookTimedOut(`the hook took longer than ${timings.hookLimit / 1000} s`);
    abort.abort(error);
    // Told already, should it end badly after all.
    setup.leftRunning?.(work.catch(() => undefined));
    reject(error);
  });
  try {
    await Promise.race([work, tooLong]);
  } catch (error) {
    tell(error);
  } finally {
    stop();
  }
}

async function hookOf(
  record: TaskRecord,
  hooks: TaskImplementation['hooks'],
  result: unknown,
  context: HookContext,
): Promise<void> {
  if (record.state === 'SUCCESS') await hooks.onSuccess?.(result, context);
  if (record.state === 'FAILURE') await hooks.onFailure?.(record.error, context);
  if (record.state === 'RETRY') await hooks.onRetry?.(record.error, context);
}
