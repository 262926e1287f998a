import type { StoredValue } from '../lifecycle/task-record.ts';
import type { PayloadStore } from '../ports/payload-store.ts';
import { PermanentError } from '../tasks/task-errors.ts';

/** JSON text over this many bytes goes to the payload store; a record stays small and cheap to write. */
export const inlineLimit = 4096;

/** Keeps a JSON value for a record: inline when small, else in the payload store under `key`. */
export async function storeValue(payloads: PayloadStore, key: string, value: unknown): Promise<StoredValue> {
  const json = toJson(value);
  const bytes = Buffer.byteLength(json);
  if (bytes <= inlineLimit) return { kind: 'inline', json };
  await payloads.put(key, json);
  return { kind: 'stored', key, bytes };
}

/** Thrown for a value that JSON cannot carry (BigInt, a cycle): a fault of the task's code that no retry can mend. */
export class NotJson extends PermanentError {
  override name = 'NotJson';
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (error) {
    throw new NotJson('the value cannot be kept as JSON', { cause: error });
  }
}

/** Thrown when the record points to a payload that is not there. */
export class PayloadMissing extends Error {
  override name = 'PayloadMissing';
}

/** The value that `storeValue` kept; throws PayloadMissing when it is gone. */
export async function loadValue(payloads: PayloadStore, stored: StoredValue): Promise<unknown> {
  if (stored.kind === 'inline') return JSON.parse(stored.json);
  const json = await payloads.get(stored.key);
  if (json === null) throw new PayloadMissing(`there is no payload under ${stored.key}`);
  return JSON.parse(json);
}

/** What every payload's key begins with. */
export const payloadPrefix = 'payloads/';

/** Where a task's arguments lie; `writer` keeps two that are stored at once, for one id, from replacing each other. */
export function inputKey(taskId: string, epoch: number, writer: string): string {
  return `${payloadPrefix}${taskId}/${epoch}/input-${writer}.json`;
}

/** Where an attempt's result lies; a stale attempt writes under its own claim and so replaces nothing. */
export function resultKey(taskId: string, epoch: number, claim: number): string {
  return `${payloadPrefix}${taskId}/${epoch}/${claim}/result.json`;
}

/** Where a step's result lies. */
export function stepKey(taskId: string, epoch: number, claim: number, name: string): string {
  return `${payloadPrefix}${taskId}/${epoch}/${claim}/step/${encodeURIComponent(name)}.json`;
}

const keyPattern = /^payloads\/([^/]+)\/\d+\/(?:input-[^/]+|\d+\/(result)|\d+\/step\/[^/]+)\.json$/;

/** Whose payload lies under a key, and whether it is a result; null for a key that none of the functions above makes. */
export function ownerOf(key: string): { readonly taskId: string; readonly isResult: boolean } | null {
  const [, taskId, result] = keyPattern.exec(key) ?? [];
  return taskId === undefined ? null : { taskId, isResult: result !== undefined };
}
