import * as z from 'zod';
import { inlineLimit } from '../pipeline/payloads.ts';
import type { TaskSpec } from '../tasks/define-task.ts';
import { parseCron } from './cron-fields.ts';

/** When something is due: a cron expression of five fields, read in the local time of an IANA zone. */
export interface Timing {
  readonly cron: string;
  readonly timeZone: string;
}

/** A task that is submitted by itself, again and again; pure data. */
export interface Schedule extends Timing {
  /** Part of its rule's name, and of the id of every task it submits: another name is another schedule. */
  readonly name: string;
  readonly task: TaskSpec;
  readonly input: unknown;
  readonly description: string;
}

// A rule's name has at most 64 characters, and begins with the deployment's.
const namePattern = /^[a-z][a-z0-9_]{0,39}$/;

/** Declares a schedule; throws an Error that names the faulty field, so that a bad one fails at synth and at start. */
export function defineSchedule(schedule: Schedule): Schedule {
  const { name, task, input, cron, timeZone } = schedule;
  const refuse = (field: string, why: string, cause?: unknown) =>
    new Error(`schedule ${name}: ${field}: ${why}`, { cause });
  if (!namePattern.test(name)) {
    throw refuse('name', 'must be snake_case, start with a letter and have at most 40 characters');
  }
  try {
    parseCron(cron);
  } catch (error) {
    throw refuse('cron', error instanceof Error ? error.message : String(error), error);
  }
  if (!isZone(timeZone)) {
    throw refuse('timeZone', `"${timeZone}" is no IANA time zone, such as America/New_York or UTC`);
  }
  const parsed = task.input.safeParse(input);
  if (!parsed.success) {
    throw refuse(
      'input',
      `does not fit the task ${task.name}:\n${z.prettifyError(parsed.error)}`,
      parsed.error,
    );
  }
  const bytes = Buffer.byteLength(JSON.stringify(input ?? null));
  if (bytes > inlineLimit) {
    // What submits it has no payload store.
    throw refuse('input', `has ${bytes} bytes of JSON; at most ${inlineLimit} fit`);
  }
  return schedule;
}

/**
 * Offsets such as +01:00, which Intl takes too, know no daylight saving: whoever writes one means a place. Every function
 * that loads the registry asks this at its start, and Intl's formats take 25 ms to load: hence the list first, which
 * takes 2 but knows one name a place.
 */
function isZone(timeZone: string): boolean {
  if (timeZone === 'UTC' || Intl.supportedValuesOf('timeZone').includes(timeZone)) return true;
  if (/^[+-]/.test(timeZone)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
