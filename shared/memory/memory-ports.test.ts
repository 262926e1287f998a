import { describe, expect, it } from 'vitest';
import { createMemoryPorts } from './memory-ports.ts';

describe('memory ports', () => {
  it('draw the same numbers for the same seed, others for another, all in [0, 1)', () => {
    const draw = (seed: number) => {
      const { random } = createMemoryPorts({ seed });
      return Array.from({ length: 1000 }, random);
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(draw(7).every((number) => number >= 0 && number < 1)).toBe(true);
    const mean = draw(7).reduce((sum, number) => sum + number, 0) / 1000;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
  });

  it('count their ids, which sort as they were made', () => {
    const { newId } = createMemoryPorts();
    const ids = Array.from({ length: 12 }, () => newId());
    expect(ids[0]).toBe('id-000001');
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(12);
  });

  it('share one clock with the queue', async () => {
    const { clock, queue } = createMemoryPorts({ start: 5000 });
    await queue.send('default', { v: 1, taskId: 'a', epoch: 1 }, { delaySeconds: 3, group: 'acme' });
    expect(clock.now()).toBe(5000);
    expect(queue.receive('default')).toEqual([]);
    await clock.advance(3000);
    expect(queue.receive('default')).toHaveLength(1);
  });
});
