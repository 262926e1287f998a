import type { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
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
    const current = error.Item ? fromItem(unmarshall(error.Item)) : null;
    return current?.writer === writer ? { saved: true } : { saved: false, current };
  }
}

/** Whether a write's condition failed. */
export function isRefusal(error: unknown): error is ConditionalCheckFailedException {
  return error instanceof Error && error.name === 'ConditionalCheckFailedException';
}
