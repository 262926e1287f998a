import * as z from 'zod';
import { checkRecord } from '../ports/check-record.ts';
import { defineTask } from '../tasks/define-task.ts';
import { fixed } from './backoff.ts';
import { newRecord } from './new-record.ts';
import { isRefusal } from './refusal.ts';
import type { RecordIn, TaskRecord, TaskState } from './task-record.ts';
import { type TaskEvent, transition } from './transitions.ts';

/** When the fixtures' task was submitted. */
export const start = 1_000_000;

const spec = defineTask({
  name: 'fixture',
  description: 'A task for tests.',
  input: z.null(),
  output: z.null(),
  retry: { max: 1, delay: fixed(60) },
});

/** A task just submitted, which may be tried twice. */
export function submitted(changes: Partial<RecordIn<'PENDING'>> = {}): TaskRecord {
  return { ...inState(submittedFor({}), 'PENDING'), ...changes };
}

/** A task just submitted to run at `eta`, and to have started by `startBy`, counted from its submission in milliseconds. */
export function submittedFor({ eta, startBy }: { eta?: number; startBy?: number }): TaskRecord {
  const input = { kind: 'inline', json: 'null' } as const;
  const task = { taskId: 't1', writer: 'w1', tenant: 'acme', priority: 'normal', tags: [], input } as const;
  const times = { eta: fromStart(eta), startBy: fromStart(startBy) };
  const keys = { digest: null, correlationId: null, uniqueKey: null, concurrencyKey: null };
  return newRecord(spec, { ...task, ...keys, ...times }, start);
}

function fromStart(ms: number | undefined): number | null {
  return ms === undefined ? null : start + ms;
}

/** The record after these events, each at its time; throws when one is refused, or leaves what no store would keep. */
export function apply(record: TaskRecord, ...steps: (readonly [TaskEvent, number])[]): TaskRecord {
  return steps.reduce((before, [event, now]) => {
    const next = transition(before, event, now);
    if (isRefusal(next)) throw new Error(`refused: ${next.refused}`);
    return checkRecord(next);
  }, record);
}

/** The record, known to be in `state`; throws when it is not. */
export function inState<S extends TaskState>(record: TaskRecord, state: S): RecordIn<S> {
  if (record.state !== state) throw new Error(`expected ${state}, not ${record.state}`);
  return record as RecordIn<S>;
}

const failed = { error: { type: 'Error', message: 'boom', stack: null, attempt: 1 }, progress: null };
const byAda = { kind: 'retry', by: 'ada' } as const;
const result = { kind: 'inline', json: '{"ok":true}' } as const;

/** A worker asks for the task, in its first epoch. */
export const claim = { kind: 'claim', epoch: 1 } as const;
/** The first claim renews its lease. */
export const renew = { kind: 'renew', claim: 1 } as const;
/** The first claim tells its progress. */
export const report = { kind: 'progress', claim: 1, progress: { percent: 50, status: 'half' } } as const;
/** The first claim comes to a result. */
export const succeed = { kind: 'succeed', claim: 1, result, resultKeptMs: 5000, progress: null } as const;
/** The first claim fails, and is to be followed by another attempt. */
export const retry = { kind: 'retry', claim: 1, ...failed, delayMs: 60_000, canPutBack: true } as const;
/** The first claim fails for good, and owes a letter. */
export const fail = { kind: 'fail', claim: 1, ...failed, deadLetter: 'owed' } as const;
/** The first claim stops between two steps, to go on in a fresh invocation. */
export const goOn = { kind: 'continue', claim: 1, progress: null } as const;
/** A rate limit puts the task off, until five seconds after its submission: that is then its turn. */
export const putOff = {
  kind: 'snooze',
  epoch: 1,
  until: start + 5000,
  waitsFor: 'rate-limit',
  hasTurn: true,
} as const;
/** Somebody wants the task cancelled. */
export const cancel = { kind: 'cancel', by: 'ada' } as const;
/** Somebody wants the task to run again, in its second epoch. */
export const reopenNext = { kind: 'reopen', epoch: 2, cause: byAda, edited: null } as const;
