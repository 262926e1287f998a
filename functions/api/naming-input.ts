import * as z from 'zod';
import { faultsOf, validationProblem } from '#functions/runtime/problem.ts';

/** Does work that checks a task's arguments; those that do not fit become the caller's 422, each with its path under `input`. */
export async function namingInput<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof z.ZodError) throw validationProblem(faultsOf(error, ['input']));
    throw error;
  }
}
