import type { RecordIn, RunningRecord, UnfinishedRecord, WaitingRecord } from './task-record.ts';

type OwnFields = Partial<
  Pick<RunningRecord, 'startedAt' | 'leaseUntil' | 'cancelRequest'> &
    Pick<RecordIn<'RETRY'>, 'nextAttemptAt' | 'error'> &
    Pick<RecordIn<'SCHEDULED'>, 'dueAt' | 'waitsFor' | 'snoozes' | 'hasTurn' | 'continues'> & {
      wokenBy: WaitingRecord extends { wokenBy: infer By } ? By : unknown;
    }
>;

/** An unfinished record without the fields of waiting and running, for the state that follows; `startedAt` stays. */
export function withoutWaiting(record: UnfinishedRecord) {
  const all: UnfinishedRecord & OwnFields = record;
  const {
    leaseUntil,
    cancelRequest,
    nextAttemptAt,
    error,
    dueAt,
    waitsFor,
    snoozes,
    hasTurn,
    continues,
    wokenBy,
    ...kept
  } = all;
  return { ...kept, startedAt: kept.startedAt ?? continues?.startedAt ?? null };
}
