import { describe, expect, it, vi } from 'vitest';
import { createMemoryPorts } from '../memory/memory-ports.ts';
import { changeLimit } from './change-limit.ts';

const addOne = (value: unknown) => ({ next: Number(value ?? 0) + 1 });

describe('a change of a limit', () => {
  it('is lost by nobody who changes it at the same time', async () => {
    const ports = createMemoryPorts();
    await Promise.all(Array.from({ length: 40 }, () => changeLimit(ports, 'key', addOne)));
    expect(await ports.limits.read('key')).toMatchObject({ value: 40 });
  });

  it('is decided anew on each state that it meets, and returns the decision that stands', async () => {
    const ports = createMemoryPorts();
    const seen: unknown[] = [];
    const decision = await changeLimit(ports, 'key', async (value) => {
      if (seen.push(value) < 3) await changeLimit(ports, 'key', addOne);
      return { next: 'mine', tries: seen.length };
    });
    expect(seen).toEqual([null, 1, 2]);
    expect(decision).toEqual({ next: 'mine', tries: 3 });
    expect(await ports.limits.read('key')).toMatchObject({ value: 'mine' });
  });

  it('that leaves it as it is writes nothing', async () => {
    const ports = createMemoryPorts();
    const save = vi.spyOn(ports.limits, 'save');
    expect(await changeLimit(ports, 'key', () => ({ next: undefined, full: true }))).toMatchObject({
      full: true,
    });
    expect(save).not.toHaveBeenCalled();
  });

  it('is done once though the reply to it was lost', async () => {
    const ports = createMemoryPorts();
    const { save } = ports.limits;
    vi.spyOn(ports.limits, 'save').mockImplementationOnce(async (...args) => {
      await save(...args);
      return save(...args);
    });
    await changeLimit(ports, 'key', addOne);
    expect(await ports.limits.read('key')).toMatchObject({ value: 1 });
  });

  it('gives up when others come first fifty times, with nothing changed', async () => {
    const ports = createMemoryPorts();
    const decide = vi.fn(async (value: unknown) => {
      await changeLimit(ports, 'key', addOne);
      return { next: `${value} and mine` };
    });
    await expect(changeLimit(ports, 'key', decide)).rejects.toMatchObject({
      name: 'LimitContended',
      message: 'the limit key was changed by others at each of 50 tries',
    });
    expect(decide).toHaveBeenCalledTimes(50);
    expect(await ports.limits.read('key')).toMatchObject({ value: 50 });
  });

  it('keeps keys apart', async () => {
    const ports = createMemoryPorts();
    await changeLimit(ports, 'one', addOne);
    expect(await ports.limits.read('other')).toBeNull();
  });
});
