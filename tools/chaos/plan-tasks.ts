import { enrichLocationData } from '#functions/locations/specs.ts';
import { healthCheck, runSteps, testCelery } from '#functions/toolbox/specs.ts';
import type { Choices } from '#shared/simulation/choices.ts';

/** What somebody does with a task after it was accepted. */
export type Wish = 'cancel' | 'cancel and retry' | 'retry' | 'retry edited' | 'redrive';

/** How a task ends when nothing but time stands in its way. */
export type Outcome = 'succeeds' | 'exhausts its attempts' | 'fails for good';

/** A task to be submitted. */
export interface PlannedTask {
  /** Its idempotency key. */
  readonly key: string;
  readonly tenant: string;
  readonly kind: string;
  readonly outcome: Outcome;
  readonly task: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly priority: 'normal' | 'high';
  readonly tags: readonly string[];
  readonly wish: Wish | null;
}

/** Whose tasks they are. */
export const tenants: readonly string[] = ['chaos-a', 'chaos-b', 'chaos-c'];

/** Marks the tasks that are redriven together. */
export const redriveTag = 'redrive';

type Draft = Pick<PlannedTask, 'kind' | 'outcome' | 'task' | 'input'>;

interface Kind {
  /** How many of twenty tasks are of this kind. */
  readonly share: number;
  draft(choices: Choices, n: number): Omit<Draft, 'kind'>;
}

const kinds: Readonly<Record<string, Kind>> = {
  quick: {
    share: 7,
    draft: (_, n) => ({ ...succeeding(testCelery.name), input: { message: `chaos ${n}` } }),
  },
  // Six bytes a character in JSON: more than a record keeps, so arguments and result go to S3.
  large: {
    share: 3,
    draft: () => ({ ...succeeding(testCelery.name), input: { message: '\u0001'.repeat(1000) } }),
  },
  health: { share: 1, draft: () => ({ ...succeeding(healthCheck.name), input: {} }) },
  stepped: {
    share: 3,
    draft: (choices) => ({
      ...succeeding(runSteps.name),
      input: { steps: choices.between(3, 10), seconds: choices.between(0, 5) / 100 },
    }),
  },
  slow: {
    share: 2,
    draft: (choices) => ({
      ...succeeding(runSteps.name),
      input: { steps: choices.between(2, 5), seconds: choices.between(3, 8) / 10 },
    }),
  },
  retried: {
    share: 2,
    draft: (choices) => ({
      ...succeeding(runSteps.name),
      input: { steps: 4, fail_first: choices.between(1, 2) },
    }),
  },
  exhausted: {
    share: 1,
    draft: () => ({
      ...{ task: runSteps.name, outcome: 'exhausts its attempts' },
      input: { steps: 2, fail_first: runSteps.retry.max + 1 },
    }),
  },
  permanent: {
    share: 1,
    draft: (_, n) => ({
      ...{ task: enrichLocationData.name, outcome: 'fails for good' },
      input: { location_id: `no-such-location-${n}` },
    }),
  },
};

/** Plans tasks of every kind, and what is done with some of them; each twenty hold every kind by its share. */
export function planTasks(count: number, choices: Choices): PlannedTask[] {
  const drawn: string[] = [];
  const drawnOf = new Map<string, number>();
  const bag = Object.entries(kinds).flatMap(([kind, { share }]) => Array<string>(share).fill(kind));
  return Array.from({ length: count }, (_, n) => {
    if (drawn.length === 0) drawn.push(...shuffled(bag, choices));
    const kind = drawn.pop() ?? 'quick';
    const draft = kinds[kind]?.draft(choices, n);
    if (draft === undefined) throw new Error(`there is no kind of task ${kind}`);
    const nth = drawnOf.get(kind) ?? 0;
    drawnOf.set(kind, nth + 1);
    const wish = wishFor(draft.outcome, n, nth);
    return {
      ...draft,
      ...{ kind, wish, key: `chaos-${n}`, tenant: choices.pick(tenants) },
      priority: choices.chance(0.2) ? 'high' : 'normal',
      tags: wish === 'redrive' ? ['chaos', redriveTag] : ['chaos'],
    };
  });
}

function succeeding(task: string) {
  return { task, outcome: 'succeeds' } as const;
}

/** By turns, so that a small run comes to each; a task that fails for good has no letter. `nth` counts its kind. */
function wishFor(outcome: Outcome, n: number, nth: number): Wish | null {
  if (outcome === 'exhausts its attempts') {
    return (['redrive', 'retry edited', 'retry', null] as const)[nth % 4] ?? null;
  }
  if (outcome === 'fails for good') return nth % 2 === 0 ? 'retry' : null;
  if (n % 10 === 3) return 'cancel';
  return n % 20 === 8 ? 'cancel and retry' : null;
}

function shuffled<Item>(items: readonly Item[], choices: Choices): Item[] {
  return items
    .map((item) => ({ item, at: choices.fraction() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
