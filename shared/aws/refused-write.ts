import type {
  CancellationReason,
  ConditionalCheckFailedException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import type { SaveResult } from '../ports/task-store.ts';
import { fromItem } from './record-item.ts';

/**
 * Sends a conditional write that asks for ALL_OLD on failure. A refusal brings the stored record; when `writer` made
 * that one, an earlier try of this very write had succeeded and only its reply was lost. Throws every other error.
 */
export async function sendConditionally(send: () => Promise<unknown>, writer: string): Promise<SaveResult> {
  try {
    await send();
    return { saved: true };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return standingInTheWay(storedRecord(error), writer);
  }
}

/** What a refused write comes to, given the record that stood in its way. */
export function standingInTheWay(current: TaskRecord | null, writer: string): SaveResult {
  return current?.writer === writer ? { saved: true } : { saved: false, current };
}

/** The record that a failed condition has brought along; null when there was none. */
export function storedRecord({ Item }: Pick<CancellationReason, 'Item'>): TaskRecord | null {
  return Item ? fromItem(unmarshall(Item)) : null;
}

/** Whether a write's condition failed. */
export function isRefusal(error: unknown): error is ConditionalCheckFailedException {
  return error instanceof Error && error.name === 'ConditionalCheckFailedException';
}

/** Why a transaction was cancelled: a reason for each action, in order; empty for every other error. */
export function cancellationReasons(error: unknown): readonly CancellationReason[] {
  return isCancelled(error) ? (error.CancellationReasons ?? []) : [];
}

/** Whether this reason is a failed condition. */
export function isFailedCondition(reason: CancellationReason | undefined): boolean {
  return reason?.Code === 'ConditionalCheckFailed';
}

function isCancelled(error: unknown): error is TransactionCanceledException {
  return error instanceof Error && error.name === 'TransactionCanceledException';
}
