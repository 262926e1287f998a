import { Problem } from '#functions/runtime/problem.ts';
import type { Caller } from '#functions/runtime/tokens/authenticate.ts';
import type { TaskQuery } from '#shared/pipeline/read-task.ts';

/** The path parameters of routes about one task. */
export interface TaskParams {
  readonly task_id: string;
}

/** Whose task is asked for, and which. */
export function queryOf({ tenant }: Caller, { task_id }: TaskParams): TaskQuery {
  return { tenant, taskId: task_id };
}

/** The 404 of a task that is unknown, another tenant's, or expired: nobody can tell which. */
export function noSuchTask({ task_id }: TaskParams): Problem {
  return new Problem('not-found', `there is no task ${task_id}`);
}
