import type { Page } from './task-store.ts';

/** A stored payload as a listing tells it. */
export interface PayloadEntry {
  readonly key: string;
  /** When it was stored last, in milliseconds since the epoch. */
  readonly storedAt: number;
}

/** Holds arguments and results that are too large for the record; contents are JSON text. */
export interface PayloadStore {
  /** Stores `json` under `key`, replacing what was there. */
  put(key: string, json: string): Promise<void>;
  /** The stored text, or null when there is none (never stored, or expired). */
  get(key: string): Promise<string | null>;
  /**
   * A page of up to `limit` (1–1000) payloads whose keys begin with `prefix`, in the order of their keys. What is stored
   * or removed between two pages may be seen or not; nothing else is left out or told twice.
   */
  list(prefix: string, limit: number, cursor?: string): Promise<Page<PayloadEntry>>;
  /** Removes the payloads under up to 1000 keys; one that is not there counts as removed. Throws when any could not be. */
  remove(keys: readonly string[]): Promise<void>;
}
