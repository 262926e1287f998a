/** One line of a run's history. */
export interface JournalEntry {
  /** Milliseconds since the run began. */
  readonly at: number;
  /** Which process; null for the world itself. */
  readonly who: string | null;
  readonly taskId: string | null;
  readonly what: string;
}

/** What happened in a run: how often each kind of thing, and in detail when wanted. */
export interface Journal {
  /** Adds a line, if lines are kept. */
  note(who: string | null, taskId: string | null, what: () => string): void;
  /** Counts one more of a kind of thing. */
  count(kind: string): void;
  readonly entries: readonly JournalEntry[];
  readonly counts: ReadonlyMap<string, number>;
}

/** Opens an empty journal; `keepsLines` decides whether the lines are kept, which slows a run. */
export function createJournal(clock: { now(): number }, keepsLines: boolean): Journal {
  const begun = clock.now();
  const entries: JournalEntry[] = [];
  const counts = new Map<string, number>();
  return {
    note(who, taskId, what) {
      if (keepsLines) entries.push({ at: clock.now() - begun, who, taskId, what: what() });
    },
    count: (kind) => void counts.set(kind, (counts.get(kind) ?? 0) + 1),
    entries,
    counts,
  };
}
