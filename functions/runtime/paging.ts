import * as z from 'zod';
import { InvalidCursor, type Page } from '#shared/ports/task-store.ts';
import { validationProblem } from './problem.ts';

/** The query parameters that every listing takes: how many items (1–100, 50 when not said), and from where on. */
export const pageQuery = {
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, 'must be a whole number from 1 to 100')
    .transform(Number)
    .default(50),
  cursor: z.string().min(1).max(2000).optional(),
};

/** Runs a listing; a cursor that it did not hand out becomes the caller's 422. */
export async function listPage<Item>(list: () => Promise<Page<Item>>): Promise<Page<Item>> {
  try {
    return await list();
  } catch (error) {
    if (!(error instanceof InvalidCursor)) throw error;
    throw validationProblem([{ path: 'cursor', message: 'take it from next_cursor of the page before' }]);
  }
}
