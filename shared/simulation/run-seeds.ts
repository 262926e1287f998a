import { planRun } from './plan.ts';
import { runPlan } from './run-plan.ts';
import type { Sabotage } from './sabotage.ts';

/** What a row of seeds came to. */
export interface SeedsResult {
  /** The first seed that broke a rule; null when none did. The seeds after it were not run. */
  readonly failed: number | null;
  /** How often each thing happened over all seeds. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Runs the plans of `count` seeds from `first` on, until one breaks a rule. */
export async function runSeeds(
  first: number,
  count: number,
  sabotage: Sabotage | null = null,
): Promise<SeedsResult> {
  const counts = new Map<string, number>();
  for (let seed = first; seed < first + count; seed++) {
    const run = await runPlan(planRun(seed), { sabotage });
    for (const [kind, number] of run.counts) counts.set(kind, (counts.get(kind) ?? 0) + number);
    if (run.violations.length > 0) return { failed: seed, counts };
  }
  return { failed: null, counts };
}
