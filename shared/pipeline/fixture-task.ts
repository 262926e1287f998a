import * as z from 'zod';
import { fixed } from '../lifecycle/backoff.ts';
import { defineTask } from '../tasks/define-task.ts';
import { implement, type TaskContext, type TaskImplementation } from '../tasks/implement-task.ts';
import { PermanentError, RetryAfter } from '../tasks/task-errors.ts';

/** A task for tests that does what its input says. */
export const fixtureTask = defineTask({
  name: 'fixture',
  description: 'Does what its input says: a task for tests.',
  input: z.strictObject({
    mode: z.enum(['ok', 'fail', 'permanent', 'retry-after', 'hang', 'unstorable', 'large']),
    seconds: z.number().optional(),
  }),
  output: z.unknown(),
  retry: { max: 2, delay: fixed(60) },
  timeLimit: { soft: 200, hard: 300 },
  resultExpires: 600,
});

/** What the fixture task was asked to do, run by run. */
export interface FixtureRuns {
  readonly implementation: TaskImplementation;
  readonly contexts: TaskContext[];
  /** Called at the beginning of each run, for tests that act in the middle of one. */
  onRun(hook: (context: TaskContext) => void | Promise<void>): void;
}

/** The fixture task's work, which remembers each run. */
export function createFixtureRuns(): FixtureRuns {
  const contexts: TaskContext[] = [];
  let hook: (context: TaskContext) => void | Promise<void> = () => undefined;
  const implementation = implement(fixtureTask, async ({ mode, seconds = 0 }, context) => {
    contexts.push(context);
    await hook(context);
    switch (mode) {
      case 'ok':
        return { ok: true };
      case 'fail':
        throw new Error('the fixture failed');
      case 'permanent':
        throw new PermanentError('the fixture will never work');
      case 'retry-after':
        throw new RetryAfter(seconds, 'the upstream is busy');
      case 'hang':
        return new Promise(() => undefined);
      case 'unstorable':
        return { big: 1n };
      case 'large':
        return { text: 'x'.repeat(10_000) };
    }
  });
  return {
    implementation,
    contexts,
    onRun(next) {
      hook = next;
    },
  };
}
