import { describe, expect, it } from 'vitest';
import { explainSeed } from './explain-seed.ts';
import { faultKinds } from './fault-kinds.ts';
import { planRun } from './plan.ts';
import { runPlan } from './run-plan.ts';
import { runSeeds } from './run-seeds.ts';
import { dlqCopyLost } from './sabotage/dlq-copy-lost.ts';
import { shrinkPlan } from './shrink.ts';

describe('a simulated run', () => {
  it('is the same each time for the same seed, and another for another', async () => {
    const tell = async (seed: number) => (await runPlan(planRun(seed), { keepsLines: true })).entries;
    for (const seed of [3, 4, 5]) expect(await tell(seed)).toEqual(await tell(seed));
    expect(await tell(3)).not.toEqual(await tell(4));
  });

  it('tells the same story whether its lines are kept or not', async () => {
    const [kept, dropped] = await Promise.all([
      runPlan(planRun(6), { keepsLines: true }),
      runPlan(planRun(6)),
    ]);
    expect(kept.counts).toEqual(dropped.counts);
    expect(kept.entries.length).toBeGreaterThan(10);
    expect(dropped.entries).toEqual([]);
  });
});

describe('a failing seed', () => {
  it('is explained by the shortest story that was found, of the one task that it is about', async () => {
    const { failed } = await runSeeds(1, 50, dlqCopyLost);
    const lines = await explainSeed(failed ?? 0, dlqCopyLost);
    expect(lines[0]).toMatch(
      /^seed \d+ breaks the rule "dead letters": task \S+ its letter for epoch \d is gone$/,
    );
    expect(lines[1]).toMatch(/^shortest run found \(of \d+ tried\): [1-5] actions, faults: none$/);
    const story = lines.slice(2);
    expect(story.length).toBeLessThan(40);
    expect(story.some((line) => line.includes('stored: PENDING (epoch 1, attempt 0, claim 0)'))).toBe(true);
    expect(story.at(-1)).toContain('BROKEN (dead letters)');
  });

  it('is left with what it takes to fail, and no more', async () => {
    const plan = planRun(11);
    const [needed] = plan.actions;
    const { plan: shrunk } = await shrinkPlan(
      plan,
      async ({ actions, weather }) =>
        actions.some((action) => action === needed) && (plan.weather.killed === 0 || weather.killed > 0),
    );
    expect(shrunk.actions).toEqual([needed]);
    const left = faultKinds.filter((kind) => shrunk.weather[kind] > 0);
    expect(left).toEqual(plan.weather.killed > 0 ? ['killed'] : []);
  });

  it('that does not fail says so', async () => {
    expect(await explainSeed(1, null)).toEqual(['seed 1 breaks no rule']);
  });
});
