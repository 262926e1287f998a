import * as z from 'zod';
import { fixed } from '../lifecycle/backoff.ts';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import { defineTask } from '../tasks/define-task.ts';
import { implement, type TaskImplementation } from '../tasks/implement-task.ts';

/** This worker's code does not know the task: it may be older than the code that submitted it. */
export class UnknownTask extends Error {
  override name = 'UnknownTask';
}

/** Stands in for a task that this worker does not know: fails, is tried again, and so outlives a deploy under way. */
export function unknownTask(record: TaskRecord): TaskImplementation {
  const spec = defineTask({
    name: record.task,
    description: 'A task that this worker does not know.',
    input: z.unknown(),
    output: z.unknown(),
    retry: { max: record.maxAttempts - 1, delay: fixed(60) },
  });
  return implement(spec, () => {
    throw new UnknownTask(`this worker has no implementation of the task ${record.task}`);
  });
}
