import { faultKinds } from './fault-kinds.ts';
import type { Plan } from './plan.ts';

/** A plan that still breaks the same rule, and how many plans were tried on the way. */
export interface Shrunk {
  readonly plan: Plan;
  readonly tries: number;
}

/**
 * Leaves out of a failing plan whatever it still fails without: kinds of faults, then actions, first many at a time. Only
 * a plan that `fails` in the same way counts. Ends after `mostTries`, so that the answer comes in seconds.
 */
export async function shrinkPlan(
  failing: Plan,
  fails: (plan: Plan) => Promise<boolean>,
  mostTries = 300,
): Promise<Shrunk> {
  let plan = failing;
  let tries = 0;

  async function attempt(smaller: Plan): Promise<boolean> {
    if (tries >= mostTries) return false;
    tries++;
    if (!(await fails(smaller))) return false;
    plan = smaller;
    return true;
  }

  async function withoutFaults(): Promise<void> {
    for (const kind of faultKinds) {
      if (plan.weather[kind] > 0) await attempt({ ...plan, weather: { ...plan.weather, [kind]: 0 } });
    }
    if (plan.skewMs > 0) await attempt({ ...plan, skewMs: 0 });
  }

  async function withoutActions(): Promise<void> {
    for (let size = Math.ceil(plan.actions.length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let from = 0; from < plan.actions.length; ) {
        const rest = plan.actions.toSpliced(from, size);
        if (!(await attempt({ ...plan, actions: rest }))) from += size;
      }
    }
  }

  for (let before = -1; before !== sizeOf(plan); ) {
    before = sizeOf(plan);
    await withoutFaults();
    await withoutActions();
  }
  return { plan, tries };
}

function sizeOf(plan: Plan): number {
  return plan.actions.length + faultKinds.filter((kind) => plan.weather[kind] > 0).length;
}
