import type { Rule } from '../rule.ts';
import { alone } from './alone.ts';
import { attempts } from './attempts.ts';
import { bounds } from './bounds.ts';
import { cancels } from './cancels.ts';
import { claims } from './claims.ts';
import { conservation } from './conservation.ts';
import { deadLetters } from './dead-letters.ts';
import { hooks } from './hooks.ts';
import { legalTransitions } from './legal-transitions.ts';
import { oneOfAKind } from './one-of-a-kind.ts';
import { places } from './places.ts';
import { rates } from './rates.ts';
import { results } from './results.ts';
import { schedule } from './schedule.ts';
import { steps } from './steps.ts';

/** Everything that must hold. */
export const everyRule: readonly Rule[] = [
  ...[conservation, legalTransitions, attempts, claims, steps, alone],
  ...[cancels, oneOfAKind, deadLetters, bounds, results],
  ...[schedule, rates, places, hooks],
];
