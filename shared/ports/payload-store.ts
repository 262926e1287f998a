/** Holds arguments and results that are too large for the record; contents are JSON text. */
export interface PayloadStore {
  /** Stores `json` under `key`, replacing what was there. */
  put(key: string, json: string): Promise<void>;
  /** The stored text, or null when there is none (never stored, or expired). */
  get(key: string): Promise<string | null>;
}
