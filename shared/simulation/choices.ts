import { seededRandom } from '../memory/seeded-random.ts';

/** Chance that a seed decides: the same seed and the same questions give the same answers. */
export interface Choices {
  /** A number in [0, 1). */
  fraction(): number;
  /** True with this probability; asks once whatever the probability, so that a fault that is off moves no other. */
  chance(probability: number): boolean;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  /** One of the items; throws RangeError when there is none. */
  pick<Item>(items: readonly Item[]): Item;
  /** Chance of its own, decided by the seed and the name alone and not by what was asked before. */
  fork(name: string): Choices;
}

/** Creates the choices of a seed, a 32-bit integer. */
export function createChoices(seed: number): Choices {
  const fraction = seededRandom(seed);
  return {
    fraction,
    chance: (probability) => fraction() < probability,
    between: (least, most) => least + Math.floor(fraction() * (most - least + 1)),
    pick(items) {
      const item = items[Math.floor(fraction() * items.length)];
      if (item === undefined) throw new RangeError('there is nothing to pick from');
      return item;
    },
    fork: (name) => createChoices(mix(seed, name)),
  };
}

/** Source: the FNV-1a hash, begun with the seed, and the finalizer of MurmurHash3 to tell close seeds apart. */
function mix(seed: number, name: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0;
  return (hash ^ (hash >>> 16)) >>> 0;
}
