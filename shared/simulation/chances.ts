import type { Choices } from './choices.ts';
import type { FaultKind, Weather } from './fault-kinds.ts';
import type { Journal } from './journal.ts';

/** Decides whether a fault strikes; counts those that do. */
export interface Chances {
  strikes(kind: FaultKind, choices: Choices): boolean;
  /** False in the calm phase, in which nothing goes wrong any more. */
  isActive(): boolean;
  /** Begins the calm phase. */
  calmDown(): void;
}

/** Starts the active phase under the given weather. */
export function createChances(weather: Weather, journal: Journal): Chances {
  let active = true;
  return {
    strikes(kind, choices) {
      const strikes = choices.chance(weather[kind]) && active;
      if (strikes) journal.count(`fault: ${kind}`);
      return strikes;
    },
    isActive: () => active,
    calmDown() {
      active = false;
    },
  };
}
