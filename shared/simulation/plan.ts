import { createChoices } from './choices.ts';
import type { Weather } from './fault-kinds.ts';
import { planOperations } from './plan-operations.ts';
import { planSubmissions } from './plan-submissions.ts';
import type { PlannedAction } from './planned-action.ts';
import { drawWeather } from './weather.ts';

/** A run, decided in full by its seed; a shrunk plan keeps the seed and has fewer actions and faults. */
export interface Plan {
  readonly seed: number;
  /** How long things may go wrong, in milliseconds. */
  readonly activeMs: number;
  /** The most that a process's clock is ahead or behind, in milliseconds. */
  readonly skewMs: number;
  /** Batches that a queue's worker handles at a time. */
  readonly concurrency: number;
  readonly weather: Weather;
  readonly actions: readonly PlannedAction[];
}

const minute = 60_000;

/** Draws the plan of a seed. */
export function planRun(seed: number): Plan {
  const choices = createChoices(seed);
  const activeMs = choices.between(4, 12) * minute;
  const submissions = planSubmissions(choices.fork('submissions'), activeMs);
  const operations = planOperations(choices.fork('operations'), activeMs, submissions);
  return {
    seed,
    activeMs,
    skewMs: choices.between(0, 1500),
    concurrency: choices.between(1, 5),
    weather: drawWeather(choices.fork('weather')),
    actions: [...submissions, ...operations].sort((a, b) => a.at - b.at),
  };
}
