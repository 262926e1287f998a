import * as z from 'zod';
import { text, whole } from '../plain-schemas.ts';
import { storedValue } from './task-record.ts';

/** What is kept of a step: its result, so that a later attempt does not repeat its effect. */
export const stepRecord = z.object({
  name: text,
  /** Its place in the order of steps, 0 for the first; null once steps ran side by side, when order means nothing. */
  position: z.int().min(0).nullable().default(null),
  /** Null for an at-most-once step that has begun and whose end is not known. */
  value: storedValue.nullable().default(null),
  /** When its task was created: an id that a later task was given again must not bring back the steps of the earlier. */
  taskCreatedAt: whole,
  /** The claim under which it was recorded. */
  claim: z.int().min(1),
  /** Milliseconds since the epoch. */
  at: whole,
});

/** See {@link stepRecord}. */
export type StepRecord = z.output<typeof stepRecord>;
