import type { TaskRecord } from './task-record.ts';

/** Why an event does not apply to a record. */
export type RefusalReason =
  | 'ended'
  | 'alone'
  | 'succeeded'
  | 'unfinished'
  | 'held'
  | 'stale-epoch'
  | 'not-due'
  | 'claim-lost'
  | 'no-change'
  | 'lock-held';

/** An event that does not apply; for `not-due`, `dueAt` says when it would. */
export interface Refusal {
  readonly refused: RefusalReason;
  readonly dueAt?: number;
}

/** Whether a transition was refused. */
export function isRefusal(outcome: TaskRecord | Refusal): outcome is Refusal {
  return 'refused' in outcome;
}
