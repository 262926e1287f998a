import { describe, expect, it } from 'vitest';
import { createVirtualClock } from './virtual-clock.ts';

describe('virtual clock', () => {
  it('stands still until it is advanced', async () => {
    const clock = createVirtualClock(1000);
    expect(clock.now()).toBe(1000);
    await clock.advance(250);
    expect(clock.now()).toBe(1250);
  });

  it('runs due timers in order of time, then of setting, each at its own time', async () => {
    const clock = createVirtualClock(0);
    const ran: string[] = [];
    for (const [name, ms] of Object.entries({ c: 30, a: 10, b: 10, d: 41 })) {
      clock.after(ms, () => ran.push(`${name}@${clock.now()}`));
    }
    await clock.advance(40);
    expect(ran).toEqual(['a@10', 'b@10', 'c@30']);
    expect(clock.nextTimer()).toBe(41);
    await clock.advance(1);
    expect(ran.at(-1)).toBe('d@41');
    expect(clock.nextTimer()).toBeNull();
  });

  it('runs timers that are set on the way, in the same call when they fall due', async () => {
    const clock = createVirtualClock(0);
    const ran: number[] = [];
    const again = () => {
      ran.push(clock.now());
      clock.after(15, again);
    };
    clock.after(15, again);
    await clock.advance(50);
    expect(ran).toEqual([15, 30, 45]);
  });

  it('lets chains of promises run to their end between two timers', async () => {
    const clock = createVirtualClock(0);
    const ran: string[] = [];
    const chain = async (name: string) => {
      for (let step = 0; step < 100; step++) await Promise.resolve();
      ran.push(`${name}@${clock.now()}`);
    };
    const outside = chain('outside').then(() => clock.after(10, () => void chain('set by a chain')));
    clock.after(20, () => void chain('second'));
    await clock.advance(20);
    expect(ran).toEqual(['outside@0', 'set by a chain@10', 'second@20']);
    await outside;
  });

  it('does not run a cancelled timer', async () => {
    const clock = createVirtualClock(0);
    const ran: string[] = [];
    const cancel = clock.after(20, () => ran.push('cancelled'));
    clock.after(10, cancel);
    await clock.advance(30);
    expect(ran).toEqual([]);
    expect(clock.nextTimer()).toBeNull();
  });

  it('rejects with what a timer throws, at its time, and can go on', async () => {
    const clock = createVirtualClock(0);
    const ran: number[] = [];
    clock.after(10, () => {
      throw new Error('a broken timer');
    });
    clock.after(20, () => ran.push(clock.now()));
    await expect(clock.advance(30)).rejects.toThrow('a broken timer');
    expect(clock.now()).toBe(10);
    await clock.advance(10);
    expect(ran).toEqual([20]);
  });

  it('refuses to be moved twice at once or backwards', async () => {
    const clock = createVirtualClock(0);
    const first = clock.advance(10);
    await expect(clock.advance(10)).rejects.toThrow('await the first');
    await first;
    await expect(clock.advance(-1)).rejects.toThrow(RangeError);
    await expect(clock.advance(Number.NaN)).rejects.toThrow(RangeError);
    expect(clock.now()).toBe(10);
  });
});
