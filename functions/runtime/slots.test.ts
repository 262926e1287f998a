import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createSlots } from './slots.ts';

const never = new AbortController().signal;

/** Work that is done when the test says so. */
function workbench(most: number) {
  const run = createSlots(most);
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  return {
    begun,
    start(name: string, signal = never): Promise<string> {
      const end = Promise.withResolvers<string>();
      ends.set(name, end);
      return run(signal, () => {
        begun.push(name);
        return end.promise;
      });
    },
    async end(name: string, error?: Error): Promise<void> {
      if (error) ends.get(name)?.reject(error);
      else ends.get(name)?.resolve(name);
      await setImmediate();
    },
  };
}

describe('slots', () => {
  it('let so many begin at once and the others in turn, whether work succeeds or fails', async () => {
    const bench = workbench(2);
    const results = ['a', 'b', 'c', 'd'].map((name) => bench.start(name));
    const ended = Promise.allSettled(results);
    await setImmediate();
    expect(bench.begun).toEqual(['a', 'b']);
    const broken = new Error('broken');
    await bench.end('b', broken);
    expect(bench.begun).toEqual(['a', 'b', 'c']);
    await bench.end('a');
    expect(bench.begun).toEqual(['a', 'b', 'c', 'd']);
    await bench.end('c');
    await bench.end('d');
    expect(await ended).toEqual([
      { status: 'fulfilled', value: 'a' },
      { status: 'rejected', reason: broken },
      { status: 'fulfilled', value: 'c' },
      { status: 'fulfilled', value: 'd' },
    ]);
  });

  it('are left by who is aborted in line, at once, and by nobody else', async () => {
    const bench = workbench(1);
    const abort = new AbortController();
    const first = bench.start('a');
    const second = bench.start('b', abort.signal);
    const third = bench.start('c');
    const reason = new Error('cancelled');
    abort.abort(reason);
    await expect(second).rejects.toBe(reason);
    await bench.end('a');
    expect(await first).toBe('a');
    expect(bench.begun).toEqual(['a', 'c']);
    await bench.end('c');
    expect(await third).toBe('c');
  });

  it('are not lost by who is aborted just when given one', async () => {
    const bench = workbench(1);
    const abort = new AbortController();
    const first = bench.start('a');
    const second = bench.start('b', abort.signal);
    const third = bench.start('c');
    await setImmediate();
    const ending = bench.end('a');
    // Right after the slot was handed on, before the one in line has noticed.
    queueMicrotask(() => abort.abort());
    await ending;
    expect(await first).toBe('a');
    expect(bench.begun).toEqual(['a', 'b']);
    await bench.end('b');
    expect(await second).toBe('b');
    expect(bench.begun).toEqual(['a', 'b', 'c']);
    await bench.end('c');
    await third;
  });

  it('take nobody who is aborted already', async () => {
    const bench = workbench(1);
    const reason = new Error('too late');
    await expect(bench.start('a', AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(bench.begun).toEqual([]);
  });
});
