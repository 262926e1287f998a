import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import { RetryAfter } from '#shared/tasks/task-errors.ts';
import { createSlots } from './slots.ts';
import { UpstreamError, UpstreamRefusal } from './upstream-error.ts';

/** Whether a question was not asked because the outside service is being spared: a RetryAfter named `CircuitOpen`. */
export function isCircuitOpen(error: unknown): error is RetryAfter {
  return error instanceof RetryAfter && error.name === 'CircuitOpen';
}

/** How much an outside service is asked, and when it is left alone. */
export interface UpstreamGuardOptions {
  /** The service's name for messages, for example "Mapbox". */
  readonly upstream: string;
  /** Requests at a time inside one function instance. */
  readonly concurrency: number;
  /** So many failures in a row open the circuit. */
  readonly failures: number;
  /** How long it stays open; then one request tries whether the service is well again. */
  readonly restMs: number;
  /** The shortest wait that a spared caller is told: each costs a task an attempt, so not less than its own delay. */
  readonly leastWaitMs: number;
}

/**
 * Asks an outside service within its limits. Throws a RetryAfter that {@link isCircuitOpen} knows when it is spared, the
 * signal's reason, and what `ask` throws.
 */
export type UpstreamGuard = <Answer>(signal: AbortSignal, ask: () => Promise<Answer>) => Promise<Answer>;

/**
 * Guards one outside service for one function instance: at most `concurrency` requests at a time, none while the circuit
 * is open. UpstreamError and RetryAfter count as failures, a refusal (4xx) is an answer, and anything else, as an abort,
 * tells nothing of the service. Time is `Date`'s: cockatiel, which keeps the circuit, takes no other clock.
 */
export function createUpstreamGuard(options: UpstreamGuardOptions): UpstreamGuard {
  const { upstream, concurrency, failures, restMs, leastWaitMs } = options;
  const runInSlot = createSlots(concurrency);
  // To cockatiel an error that is no failure is a success, but one that tells nothing must not close an open circuit.
  const counts = (error: unknown) => isFailure(error) || circuit.state === CircuitState.HalfOpen;
  const circuit = circuitBreaker(handleWhen(counts), {
    halfOpenAfter: restMs,
    breaker: new ConsecutiveBreaker(failures),
  });
  let openedAt = 0;
  circuit.onBreak(() => {
    openedAt = Date.now();
  });

  function spared(cause: unknown): RetryAfter {
    const waitMs = Math.max(openedAt + restMs - Date.now(), leastWaitMs);
    const message = `${upstream} failed ${failures} times in a row and is not asked for now`;
    const error = new RetryAfter(Math.ceil(waitMs / 1000), message, { cause });
    error.name = 'CircuitOpen';
    return error;
  }

  // The circuit is looked at with a slot in hand: what has waited in line meanwhile must not be sent any more.
  return (signal, ask) =>
    runInSlot(signal, async () => {
      try {
        const answer = await circuit.execute(() => answerOf(ask), signal);
        if ('refusal' in answer) throw answer.refusal;
        return answer.value;
      } catch (error) {
        if (error instanceof BrokenCircuitError) throw spared(error);
        if (signal.aborted) throw signal.reason;
        throw error;
      }
    });
}

type AnswerOf<Value> = { readonly value: Value } | { readonly refusal: UpstreamRefusal };

async function answerOf<Value>(ask: () => Promise<Value>): Promise<AnswerOf<Value>> {
  try {
    return { value: await ask() };
  } catch (error) {
    if (error instanceof UpstreamRefusal) return { refusal: error };
    throw error;
  }
}

function isFailure(error: unknown): boolean {
  return error instanceof UpstreamError || error instanceof RetryAfter;
}
