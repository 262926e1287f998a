import { describe, expect, it } from 'vitest';
import { explainSeed } from './explain-seed.ts';
import { faultKinds } from './fault-kinds.ts';
import { happenings } from './happenings.ts';
import { actorKinds } from './planned-action.ts';
import { runSeeds, type SeedsResult } from './run-seeds.ts';

/** A failing seed fails the test with the shortest story that was found of it. */
async function refuseFailure({ failed }: SeedsResult): Promise<void> {
  if (failed !== null) throw new Error((await explainSeed(failed, null)).join('\n'));
}

/** What the pipeline calls; a fault at each of them must be survived. */
const portMethods = [
  ...['create', 'read', 'save', 'due', 'moveWake', 'readSteps', 'saveStep', 'readLock', 'failed'].map(
    (method) => `store.${method}`,
  ),
  ...['send', 'putBack', 'sendDead', 'sendUnreadable', 'receiveDead', 'removeDead', 'putBackDead'].map(
    (method) => `queue.${method}`,
  ),
  ...['payloads.put', 'payloads.get', 'limits.read', 'limits.save'],
];

describe('the pipeline', () => {
  it('breaks no rule in 300 fixed seeds, in which everything happens that could break one', async () => {
    const result = await runSeeds(1, 300);
    await refuseFailure(result);
    const expected = [
      ...faultKinds.map((kind) => `fault: ${kind}`),
      ...['reconciler', ...actorKinds].map((kind) => `actor: ${kind}`),
      ...portMethods.map((method) => `fault at ${method}`),
      ...happenings,
    ];
    expect(expected.filter((kind) => !result.counts.has(kind))).toEqual([]);
  }, 120_000);

  const random = Math.floor(Math.random() * 2 ** 31);
  it(`breaks no rule in 100 random seeds from ${random} on`, async () => {
    console.log(`simulated seeds: ${random} and the 99 after it`);
    await refuseFailure(await runSeeds(random, 100));
  }, 60_000);
});
