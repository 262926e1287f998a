import { describe, expect, it } from 'vitest';
import { runSeeds } from './run-seeds.ts';
import { everySabotage } from './sabotage/every-sabotage.ts';

describe('the rules', () => {
  it.for(everySabotage)('notice $name: $description', { timeout: 60_000 }, async (sabotage) => {
    const { failed } = await runSeeds(1, 300, sabotage);
    expect(failed).not.toBeNull();
    // It is the sabotage that they notice, and nothing else.
    expect(await runSeeds(failed ?? 0, 1)).toMatchObject({ failed: null });
  });

  it('know every sabotage by a name of its own', () => {
    expect(new Set(everySabotage.map(({ name }) => name)).size).toBe(everySabotage.length);
  });
});
