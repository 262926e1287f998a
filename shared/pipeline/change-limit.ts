import type { PipelinePorts } from '../ports/pipeline-ports.ts';

const mostTries = 50;

/** Thrown when others changed a limit at every try to change it. */
export class LimitContended extends Error {
  override name = 'LimitContended';
}

/**
 * Changes what is kept under a limit's key by compare-and-swap: `decide` is asked again for each state that it meets;
 * `next` undefined leaves it as it is. Returns the decision that stands; throws LimitContended and what the store throws.
 */
export async function changeLimit<Decision extends { readonly next: unknown }>(
  ports: Pick<PipelinePorts, 'limits' | 'newId'>,
  key: string,
  decide: (value: unknown) => Decision | Promise<Decision>,
): Promise<Decision> {
  const writer = ports.newId();
  for (let tries = 1; tries <= mostTries; tries++) {
    const state = await ports.limits.read(key);
    const decision = await decide(state?.value ?? null);
    if (decision.next === undefined) return decision;
    if (await ports.limits.save(key, decision.next, state, writer)) return decision;
  }
  throw new LimitContended(`the limit ${key} was changed by others at each of ${mostTries} tries`);
}
