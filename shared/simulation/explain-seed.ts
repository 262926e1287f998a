import { faultKinds } from './fault-kinds.ts';
import { type Plan, planRun } from './plan.ts';
import type { Violation } from './rule.ts';
import { runPlan } from './run-plan.ts';
import type { Sabotage } from './sabotage.ts';
import { shrinkPlan } from './shrink.ts';
import { formatTrace } from './trace.ts';

/** Why a seed fails, in lines for people: what was broken, what it takes, and the story of the task. */
export async function explainSeed(seed: number, sabotage: Sabotage | null): Promise<string[]> {
  const [violation] = (await runPlan(planRun(seed), { sabotage })).violations;
  if (violation === undefined) return [`seed ${seed} breaks no rule`];
  const breaksIt = async (plan: Plan) => {
    const [first] = (await runPlan(plan, { sabotage })).violations;
    return first !== undefined && isLike(first, violation);
  };
  const { plan, tries } = await shrinkPlan(planRun(seed), breaksIt);
  const { violations, entries } = await runPlan(plan, { sabotage, keepsLines: true });
  const shown = violations[0] ?? violation;
  const faults = faultKinds.filter((kind) => plan.weather[kind] > 0);
  return [
    `seed ${seed} breaks the rule "${shown.rule}": task ${shown.taskId ?? '-'} ${shown.what}`,
    `shortest run found (of ${tries} tried): ${plan.actions.length} actions, faults: ${faults.join(', ') || 'none'}`,
    ...formatTrace(entries, shown.taskId),
  ];
}

/** The same kind of violation: the rule and the words, whatever the numbers and names. */
function isLike(one: Violation, other: Violation): boolean {
  return one.rule === other.rule && wordsOf(one) === wordsOf(other);
}

function wordsOf({ what }: Violation): string {
  return what.replaceAll(/\S*\d\S*/g, '#');
}
