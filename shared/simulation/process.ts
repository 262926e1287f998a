import type { Clock } from '../ports/clock.ts';
import type { Choices } from './choices.ts';
import type { Journal } from './journal.ts';

/** What a process is for. */
export type ProcessKind = 'api' | 'worker' | 'reconciler' | 'beat';

/** A process of the simulated system: an invocation of a function, with a clock of its own that it may die under. */
export interface SimProcess {
  readonly id: string;
  readonly kind: ProcessKind;
  /** Skewed; once the process is dead its timers never fire, while it stalls they wait. */
  readonly clock: Clock;
  readonly choices: Choices;
  isAlive(): boolean;
  /** Runs it now, or once a stall is over, or, in a dead process, never. */
  whenAble(run: () => void): void;
  /** The process is gone between two instructions: nothing of it happens any more. */
  crash(why: string): void;
  /** Blocks the event loop for `ms` milliseconds. */
  stall(ms: number): void;
  /** Sets the process's clock forward or back. */
  moveClock(ms: number): void;
  /** Calls `run` when the process dies; at once if it is dead already. */
  onDeath(run: () => void): void;
}

/** What a process is made of. */
export interface ProcessMeans {
  readonly id: string;
  readonly kind: ProcessKind;
  readonly worldClock: Clock;
  readonly choices: Choices;
  readonly journal: Journal;
  /** How far its clock is ahead of the world's, in milliseconds. */
  readonly skew: number;
}

/** Starts a process. */
export function startProcess({ id, kind, worldClock, choices, journal, skew }: ProcessMeans): SimProcess {
  let alive = true;
  let offset = skew;
  let stalledUntil = 0;
  const mourners: (() => void)[] = [];
  const timers = new Set<() => void>();

  function after(ms: number, run: () => void): () => void {
    let cancel = worldClock.after(ms, fire);
    const stop = () => {
      timers.delete(stop);
      cancel();
    };
    function fire() {
      const stall = stalledUntil - worldClock.now();
      if (stall > 0) {
        cancel = worldClock.after(stall, fire);
        return;
      }
      timers.delete(stop);
      run();
    }
    timers.add(stop);
    return stop;
  }

  return {
    id,
    kind,
    choices,
    clock: {
      now: () => worldClock.now() + offset,
      after: (ms, run) => (alive ? after(ms, run) : () => undefined),
    },
    isAlive: () => alive,
    whenAble(run) {
      if (!alive) return;
      if (stalledUntil > worldClock.now()) after(0, run);
      else run();
    },
    crash(why) {
      if (!alive) return;
      alive = false;
      journal.note(id, null, () => `dies: ${why}`);
      for (const stop of [...timers]) stop();
      for (const run of mourners) run();
    },
    stall(ms) {
      stalledUntil = Math.max(stalledUntil, worldClock.now() + ms);
      journal.note(id, null, () => `stalls for ${ms} ms`);
    },
    moveClock(ms) {
      offset += ms;
    },
    onDeath(run) {
      if (alive) mourners.push(run);
      else run();
    },
  };
}
