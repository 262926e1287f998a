import * as z from 'zod';
import type { Rate } from '../tasks/rate-limit.ts';
import { timings } from './timings.ts';

/** What is kept of a rate limit: when the next start is allowed, and where the line of those who wait ends. */
export const rateGate = z.object({ opensAt: z.int(), lineEndsAt: z.int() });

/** See {@link rateGate}. Times are milliseconds since the epoch. */
export type RateGate = z.output<typeof rateGate>;

/** What a gate says: start now, or come back at a time that is kept free; either way the gate moves on. */
export type GateDecision =
  | { readonly kind: 'start'; readonly gate: RateGate }
  | { readonly kind: 'wait'; readonly until: number; readonly gate: RateGate };

/** Between the gate and the start that the record tells lies a write; starts are kept this much further apart in all. */
const startJitter = 2000;

/** The time between two starts, in milliseconds: no window of one period then sees more than `count` of them. */
export function spacingOf({ count, periodMs }: Rate): number {
  // Queues delay by whole seconds: a rate by the second is held over a minute.
  const periods = Math.max(1, 60_000 / periodMs);
  return Math.ceil((periodMs * periods + startJitter) / (count * periods));
}

/**
 * Whether a task may start. A newcomer starts when the gate is open and nobody waits; else it joins the end of the line.
 * One that has waited for its turn (`hasTurn`) starts when the gate is open, and else waits until it opens: those before
 * it were late, by no more than their messages were, so the line as a whole never falls further behind than that. A gate
 * that nobody has passed for so long that two turns went by has a line of tasks that are gone (cancelled, expired): the
 * next newcomer starts, and the line begins anew.
 * Source: the generic cell rate algorithm, ITU-T I.371, with a line for those who do not conform.
 */
export function passGate(
  gate: RateGate | null,
  hasTurn: boolean,
  spacing: number,
  now: number,
): GateDecision {
  const { opensAt, lineEndsAt } = gate ?? { opensAt: now, lineEndsAt: now };
  const next = now + spacing;
  if (opensAt <= now && (hasTurn || lineEndsAt <= now)) {
    return { kind: 'start', gate: { opensAt: next, lineEndsAt: Math.max(lineEndsAt, next) } };
  }
  const isAbandoned = now - opensAt > Math.max(2 * spacing, timings.grace);
  if (isAbandoned) return { kind: 'start', gate: { opensAt: next, lineEndsAt: next } };
  if (hasTurn) return { kind: 'wait', until: opensAt, gate: { opensAt, lineEndsAt } };
  const turn = Math.max(opensAt, lineEndsAt);
  return { kind: 'wait', until: turn, gate: { opensAt, lineEndsAt: turn + spacing } };
}
