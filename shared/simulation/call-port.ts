import type { Clock } from '../ports/clock.ts';
import type { Chances } from './chances.ts';
import type { Journal } from './journal.ts';
import type { SimProcess } from './process.ts';

/** What a simulated call needs of the world. */
export interface CallMeans {
  /** The world's, not the process's: what is under way arrives even if its sender has died. */
  readonly clock: Clock;
  readonly chances: Chances;
  readonly journal: Journal;
}

/** A call of a port: what is called, for which task, and what it does when it arrives. */
export interface PortCall<Value> {
  readonly name: string;
  readonly taskId: string | null;
  apply(): Promise<Value>;
}

/** The service refused a try because it was too busy, and nothing was done. */
export class Throttled extends Error {
  override name = 'ThrottlingException';
}

/** No answer came in time: nobody knows whether the try was done, or will be. */
export class NoAnswer extends Error {
  override name = 'TimeoutError';
}

const mostTries = 3;
const answerDeadline = 2000;
const tryFaults = ['throttled', 'reply-lost', 'applied-late'] as const;

/**
 * One call over the network, as the SDK makes it: up to three tries of the very same request. Settles as the call does;
 * never, when the process dies before.
 */
export function callPort<Value>(
  { clock, chances, journal }: CallMeans,
  process: SimProcess,
  { name, taskId, apply }: PortCall<Value>,
): Promise<Value> {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  const { choices } = process;
  const failsAlways = chances.strikes('all-tries-fail', choices);
  const note = (what: string) => {
    journal.count(`fault at ${name}`);
    journal.note(process.id, taskId, () => `${name}: ${what}`);
  };

  /** Calm calls are quick; of the others some are so slow that much happens while they are under way. */
  function longestWay(isSlow: boolean): number {
    if (!chances.isActive()) return 10;
    return isSlow ? answerDeadline - 100 : 40;
  }

  function attempt(nth: number): void {
    if (chances.strikes('crash-before-call', choices)) {
      note('its process dies before the call');
      process.crash(`before ${name}`);
      return;
    }
    const fault = failsAlways
      ? choices.pick(tryFaults)
      : tryFaults.find((kind) => chances.strikes(kind, choices));
    const there = choices.between(1, longestWay(choices.chance(0.1)));
    const back = chances.isActive() ? choices.between(1, 20) : 0;
    if (fault === undefined) arrive(there, back);
    else {
      note(`try ${nth}: ${fault}`);
      failTry(fault, nth, there);
    }
  }

  function arrive(there: number, back: number): void {
    const diesAfter = chances.strikes('crash-after-call', choices);
    const answer = (give: () => void) => {
      if (diesAfter) {
        note('its process dies after the call was done');
        process.crash(`after ${name}`);
      } else if (back === 0) process.whenAble(give);
      else clock.after(back, () => process.whenAble(give));
    };
    clock.after(there, () => {
      apply().then(
        (value) => answer(() => resolve(value)),
        (error: unknown) => answer(() => reject(error)),
      );
    });
  }

  function failTry(fault: (typeof tryFaults)[number], nth: number, there: number): void {
    const again = (error: Error) =>
      process.whenAble(() => {
        if (nth === mostTries) reject(error);
        else process.clock.after(choices.between(20, 200) * nth, () => attempt(nth + 1));
      });
    if (fault === 'throttled') {
      clock.after(there, () => again(new Throttled(`${name} was throttled`)));
      return;
    }
    const delay = fault === 'reply-lost' ? there : answerDeadline + choices.between(1, 8000);
    // Nobody hears how it ends.
    clock.after(delay, () => void apply().catch(() => undefined));
    clock.after(answerDeadline, () => again(new NoAnswer(`${name} was not answered`)));
  }

  // The code of a dead process may still run to its next wait, and reaches nobody.
  process.whenAble(() => attempt(1));
  return promise;
}
