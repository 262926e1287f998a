import { isEnded } from '../lifecycle/task-record.ts';
import { queueNames } from '../tasks/define-task.ts';
import { scheduleActions } from './actors/act.ts';
import { startReconcilerRule } from './actors/run-reconciler.ts';
import { startMapping } from './event-source-mapping.ts';
import { watchHappenings } from './happenings.ts';
import { invokeWorker } from './invoke-worker.ts';
import type { JournalEntry } from './journal.ts';
import type { Observation } from './observation.ts';
import type { Plan } from './plan.ts';
import type { Violation } from './rule.ts';
import { everyRule } from './rules/every-rule.ts';
import type { Sabotage } from './sabotage.ts';
import { tellObservation } from './tell-observation.ts';
import { buildWorld, type World } from './world.ts';

/** What a run came to. */
export interface RunResult {
  /** Rules that were broken, in the order in which that was noticed. */
  readonly violations: readonly Violation[];
  /** How often each fault struck and each actor acted. */
  readonly counts: ReadonlyMap<string, number>;
  /** Empty unless asked for. */
  readonly entries: readonly JournalEntry[];
}

/** How a plan is run. */
export interface RunOptions {
  readonly sabotage?: Sabotage | null;
  /** Whether every event is noted, for the trace. @default false */
  readonly keepsLines?: boolean;
}

const minute = 60_000;
/** More than every bound, so that what has not ended by then never will. */
const longestCalm = 8 * 60 * minute;

/** Runs a plan from its first action until everything has settled. The same plan gives the same result. */
export async function runPlan(plan: Plan, options: RunOptions = {}): Promise<RunResult> {
  const { sabotage = null, keepsLines = false } = options;
  const violations: Violation[] = [];
  const see = (observation: Observation) => {
    tellObservation(world.journal, observation);
    countHappening(observation);
    for (const watch of watches) watch.see?.(observation);
  };
  const world = buildWorld(plan, { sabotage, keepsLines, see });
  const countHappening = watchHappenings(world.journal);
  const { clock } = world.base;
  const watches = everyRule.map((rule) =>
    rule.watch({
      plan,
      now: clock.now,
      report(taskId, what) {
        violations.push({ rule: rule.name, taskId, what });
        world.journal.note('rules', taskId, () => `BROKEN (${rule.name}): ${what}`);
      },
    }),
  );

  startMappings(world);
  startReconcilerRule(world);
  scheduleActions(world);
  // What is broken stays broken: the rest would only cost time.
  const goesOn = () => violations.length === 0;
  for (let passed = 0; passed < plan.activeMs && goesOn(); passed += minute) await clock.advance(minute);
  world.chances.calmDown();
  see({ kind: 'calmed-down' });
  for (let passed = 0; passed < longestCalm && goesOn() && !isSettled(world); passed += minute) {
    await clock.advance(minute);
  }
  const state = { records: world.watched.latest, base: world.base };
  if (goesOn()) for (const watch of watches) await watch.end?.(state);
  return { violations, counts: world.journal.counts, entries: world.journal.entries };
}

function startMappings(world: World): void {
  const { base, plan, chances, journal, choices } = world;
  for (const queue of queueNames) {
    const mapping = startMapping({
      ...{ queue, base: base.queue, clock: base.clock, chances, journal, concurrency: plan.concurrency },
      choices: choices.fork(`mapping ${queue}`),
      invoke: (deliveries) => invokeWorker(world, deliveries),
    });
    world.onMessage((to, ms) => {
      if (to === queue) mapping.pollIn(ms);
    });
  }
}

/** Every task has ended, and no message is left that could still change that. */
function isSettled(world: World): boolean {
  const { watched, base } = world;
  for (const record of watched.latest.values()) {
    if (!isEnded(record) || (record.state === 'FAILURE' && record.deadLetter === 'owed')) return false;
  }
  return queueNames.every((queue) => {
    const { visible, hidden } = base.queue.depth(queue);
    return visible + hidden === 0;
  });
}
