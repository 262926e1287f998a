/** What is kept under a limit's key, and the version that a change of it must name. */
export interface LimitState {
  /** JSON. */
  readonly value: unknown;
  readonly version: number;
}

/** Keeps what workers must agree on to hold a limit: one small JSON value a key, changed by compare-and-swap. */
export interface LimitStore {
  /** The state, read consistently; null for a key that was never used. */
  read(key: string): Promise<LimitState | null>;
  /**
   * Replaces the value if the state is still as it was read (null: never used). False when somebody else was first,
   * unless the stored value was written by this very `writer`: an earlier try had succeeded, and its reply was lost.
   */
  save(key: string, value: unknown, read: LimitState | null, writer: string): Promise<boolean>;
}
