import { type Activity, createActivity } from '../activity.ts';
import type { LaptopClock } from '../clock/laptop-clock.ts';
import { fireRule, type RuleSurroundings, type ScheduledRule } from './fire-rule.ts';
import { nextFiring } from './next-firing.ts';
import { type PlannedFiring, planFirings } from './plan-firings.ts';

/** What happened while the clock was moved. */
export interface AdvanceReport {
  /** In order; `at` is ISO-8601 UTC with milliseconds. */
  fired: { rule: string; at: string }[];
  /** Rules that were due more often than 60 times, with the number of moments left out, evenly. */
  coalesced: { rule: string; skipped: number }[];
  /** Steps at which work was still running although the clock had to go on: its leases may have run out. */
  busySteps: number;
}

/** The rules of the laptop cloud, running. */
export interface RuleRunner {
  readonly activity: Activity;
  /** Every rule with the moment it is due next, in milliseconds; null when disabled or never again. */
  upcoming(): { rule: ScheduledRule; at: number | null }[];
  /**
   * Moves the clock by `ms`, stopping at each moment a rule is due to fire it and wait for its end. Resolves
   * when the clock has arrived. One call at a time moves; others wait their turn.
   */
  advance(ms: number): Promise<AdvanceReport>;
  /** Ends the timer and resolves when nothing fires any more. */
  stop(): Promise<void>;
}

/** What running rules needs of the rest of the laptop cloud. */
export interface RuleRunnerOptions extends RuleSurroundings {
  rules: readonly ScheduledRule[];
  clock: LaptopClock;
  /**
   * Awaited before each move of the clock, so that no running work sees its time jump; false when the work
   * went on for longer than `withinMs` of real time.
   */
  quiet: (withinMs: number) => Promise<boolean>;
  /**
   * Moves the clock by `ms`; `leavesOut` when the move left firings out, so that in this step less happens than in as
   * much real time. @default the clock's own
   */
  moveClock?: (ms: number, leavesOut: boolean) => Promise<void>;
  /** Real time between two looks at the clock. @default 1000 */
  tickMs?: number;
}

const MOST_FIRINGS_PER_RULE = 60;

/** Work that goes on for longer does not hold up the clock, and at the steps that follow hardly at all. */
const PATIENCE_MS = 10_000;
const LITTLE_PATIENCE_MS = 100;

/** Fires scheduled rules by the laptop clock: by themselves as time goes by, and in order when it is moved. */
export function runRules(options: RuleRunnerOptions): RuleRunner {
  const { clock, quiet, moveClock = async (ms) => clock.advance(ms) } = options;
  const rules = options.rules.filter((rule) => rule.enabled);
  const activity = createActivity();
  const start = clock.now();
  /** Up to when each rule has been dealt with. */
  const dealtWith = new Map<ScheduledRule, number>(rules.map((rule) => [rule, start]));
  const since = (rule: ScheduledRule) => dealtWith.get(rule) ?? start;
  let turn: Promise<unknown> = Promise.resolve();
  let stopped = false;

  const takeDue = (to: number) => {
    const plan = planFirings(rules, { from: since, to, mostPerRule: MOST_FIRINGS_PER_RULE });
    for (const rule of rules) dealtWith.set(rule, Math.max(since(rule), to));
    return plan;
  };
  const fire = async ({ rule, at }: PlannedFiring<ScheduledRule>): Promise<void> => {
    const end = activity.begin();
    try {
      await fireRule(rule, at, options);
    } finally {
      end();
    }
  };

  const timer = setInterval(() => {
    const { firings, coalesced } = takeDue(clock.now());
    for (const { rule, skipped } of coalesced)
      options.log(`rule ${rule}: ${skipped} missed firings left out`);
    for (const firing of firings)
      fire(firing).catch((error: unknown) => options.log(`rule: ${String(error)}`));
  }, options.tickMs ?? 1000);

  const moveTo = async (moment: number, report: AdvanceReport): Promise<void> => {
    const patience = report.busySteps === 0 ? PATIENCE_MS : LITTLE_PATIENCE_MS;
    if (!(await quiet(patience))) report.busySteps += 1;
    const step = moment - clock.now();
    if (step > 0) await moveClock(step, report.coalesced.length > 0);
  };

  const advance = async (ms: number): Promise<AdvanceReport> => {
    const target = clock.now() + ms;
    const { firings, coalesced } = takeDue(target);
    const report: AdvanceReport = { fired: [], coalesced, busySteps: 0 };
    for (const firing of firings) {
      await moveTo(firing.at, report);
      if (stopped) return report;
      await fire(firing);
      report.fired.push({ rule: firing.rule.name, at: new Date(firing.at).toISOString() });
    }
    await moveTo(target, report);
    return report;
  };

  return {
    activity,
    upcoming: () =>
      options.rules.map((rule) => ({
        rule,
        at: rule.enabled ? nextFiring(rule.schedule, Math.max(since(rule), clock.now()), rule.anchor) : null,
      })),
    advance: (ms) => {
      const moved = turn.then(() => advance(ms));
      turn = moved.catch(() => undefined);
      return moved;
    },
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await activity.onIdle();
    },
  };
}
