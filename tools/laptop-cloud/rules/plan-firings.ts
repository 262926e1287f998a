import { nextFiring } from './next-firing.ts';
import type { Schedule } from './parse-schedule.ts';

/** A rule's name, its schedule, and from when on a rate counts. */
export interface ScheduledName {
  name: string;
  schedule: Schedule;
  /** Milliseconds since the epoch. */
  anchor: number;
}

/** One moment at which a rule is due. */
export interface PlannedFiring<Rule extends ScheduledName> {
  rule: Rule;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Firings to run, and how many were left out. */
export interface FiringPlan<Rule extends ScheduledName> {
  /** In order of time; at the same time in the order of the rules. */
  firings: PlannedFiring<Rule>[];
  /** Rules that were due more often than `mostPerRule`. */
  coalesced: { rule: string; skipped: number }[];
}

/**
 * Lists what is due after `from` up to and including `to`. A rule that is due more often than `mostPerRule` is
 * thinned out evenly and keeps its last moment, so that a jump over a month does not run for an hour.
 */
export function planFirings<Rule extends ScheduledName>(
  rules: readonly Rule[],
  window: { from: (rule: Rule) => number; to: number; mostPerRule: number },
): FiringPlan<Rule> {
  const plan: FiringPlan<Rule> = { firings: [], coalesced: [] };
  for (const rule of rules) {
    const due: number[] = [];
    let at = nextFiring(rule.schedule, window.from(rule), rule.anchor);
    while (at !== null && at <= window.to) {
      due.push(at);
      at = nextFiring(rule.schedule, at, rule.anchor);
    }
    const stride = Math.ceil(due.length / window.mostPerRule);
    const kept = due.filter((_, index) => (due.length - 1 - index) % stride === 0);
    plan.firings.push(...kept.map((moment) => ({ rule, at: moment })));
    if (kept.length < due.length) plan.coalesced.push({ rule: rule.name, skipped: due.length - kept.length });
  }
  plan.firings.sort((one, other) => one.at - other.at);
  return plan;
}
