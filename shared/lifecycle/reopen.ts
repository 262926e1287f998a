import type { Refusal } from './refusal.ts';
import type { RecordIn, TaskRecord } from './task-record.ts';
import { extendTimeline } from './timeline.ts';

/** Opens the next epoch of an ended task: why, by whom, and what its arguments are from now on. */
export interface Reopening {
  /** The epoch to be opened: a second opening of the same one is refused. */
  readonly epoch: number;
  /** A dead letter opens failed tasks only; people may also take back a cancel. */
  readonly cause:
    | { readonly kind: 'dead-letter' }
    | { readonly kind: 'retry' | 'redrive'; readonly by: string };
  /** Edited arguments and what follows from them; null keeps the old ones, and with them the steps that are recorded. */
  readonly edited: Pick<TaskRecord, 'input' | 'uniqueKey' | 'concurrencyKey'> | null;
}

/** The task waits again, in its next epoch, with its history kept. Refused unless it has ended without success. */
export function reopen(
  record: TaskRecord,
  { epoch, cause, edited }: Reopening,
  now: number,
): RecordIn<'PENDING'> | Refusal {
  if (record.epoch + 1 !== epoch) return { refused: 'stale-epoch' };
  if (record.state === 'SUCCESS') return { refused: 'succeeded' };
  if (record.state !== 'FAILURE' && record.state !== 'CANCELLED') return { refused: 'unfinished' };
  if (cause.kind === 'dead-letter' && record.state !== 'FAILURE') return { refused: 'ended' };
  const { startedAt, finishedAt, error, deadLetter, cancelRequest, expiresAt, startBy, ...kept } = {
    error: null,
    deadLetter: null,
    cancelRequest: null,
    ...record,
  };
  const withEdits = edited === null ? '' : ', with edited arguments';
  const detail =
    cause.kind === 'dead-letter'
      ? `opened again by its dead letter after ${error?.type}`
      : `${cause.kind === 'retry' ? 'retried' : 'redriven'} by ${nameOf(cause.by)}${withEdits}`;
  return {
    ...kept,
    state: 'PENDING',
    epoch,
    attempts: 0,
    lost: 0,
    progress: null,
    status: null,
    startBy: null,
    continues: null,
    ...(edited !== null && { ...edited, stepsAfter: record.claim }),
    wakeAt: null,
    resent: null,
    timeline: extendTimeline(record, { state: 'PENDING', at: now, attempt: 0, epoch, detail }),
  };
}

const longestName = 100;

/** Bounded, so that a long name cannot push out what else the entry says. */
function nameOf(by: string): string {
  return by.slice(0, longestName).toWellFormed();
}
