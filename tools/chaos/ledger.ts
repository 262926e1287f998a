import type { PlannedTask } from './plan-tasks.ts';

/** An accepted task, and what was asked of it since. */
export interface LedgerEntry {
  readonly taskId: string;
  readonly planned: PlannedTask;
  /** Whether the newest request that was accepted is a cancel. */
  cancelled: boolean;
  /** Retries and redrives that were accepted. */
  reopened: number;
  /** Retries and redrives whose answer never came: each may have opened an epoch. */
  maybeReopened: number;
  /** Whether its wish was fulfilled, or cannot be any more. */
  done: boolean;
}

/** What was asked of the pipeline and what it accepted. */
export interface Ledger {
  readonly entries: LedgerEntry[];
  /** How often each request was accepted, by its name. */
  readonly counts: Map<string, number>;
  /** What the API answered and must not have. */
  readonly faults: string[];
}

/** An empty ledger. */
export function openLedger(): Ledger {
  return { entries: [], counts: new Map(), faults: [] };
}

/** Counts something that was done. */
export function countUp(counts: Map<string, number>, name: string, by = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}
