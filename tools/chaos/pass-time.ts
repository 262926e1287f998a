import type { ChaosLaptop } from './chaos-laptop.ts';

const minute = 60_000;

/** Moves the laptop's clock, and knows how far it was moved. */
export interface Timekeeper {
  /**
   * Moves to the next whole minute so many times: what runs comes to rest, the clock jumps, the rules of that minute
   * fire, and what they start comes to rest. No task sees the clock jump.
   */
  passMinutes(count: number): Promise<void>;
  /** Milliseconds in all. */
  readonly passed: number;
}

/** Keeps the time of a laptop. */
export function keepTime(laptop: Pick<ChaosLaptop, 'up'>): Timekeeper {
  let passed = 0;
  return {
    get passed() {
      return passed;
    },
    async passMinutes(count) {
      for (let n = 0; n < count; n++) {
        const cloud = await laptop.up();
        await cloud.settled();
        const step = minute - (cloud.clock.now() % minute) + 1;
        await cloud.advance(step);
        passed += step;
        await cloud.settled();
      }
    },
  };
}
