import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineTask } from '../../tasks/define-task.ts';
import { implement } from '../../tasks/implement-task.ts';
import { minute, openCloud, second } from './cloud.ts';

const call = defineTask({
  name: 'call_upstream',
  description: 'Asks an upstream that allows ten requests a minute.',
  input: z.int(),
  output: z.null(),
  rateLimit: '10/m',
});

describe('a hundred tasks of which ten may start in a minute', () => {
  it('never start faster, end in their time, spend no attempt on waiting, and are put off twice at most', async () => {
    const starts: number[] = [];
    const cloud = openCloud({
      work: ({ sleep }) => [
        implement(call, async () => {
          starts.push(cloud.world.clock.now());
          await sleep(2 * second);
          return null;
        }),
      ],
    });
    const begun = cloud.world.clock.now();
    const ids = await Promise.all(
      Array.from({ length: 100 }, (_, n) => cloud.submit({ spec: call, input: n })),
    );
    await cloud.live(12 * minute);

    expect(starts).toHaveLength(100);
    const inWindow = starts.map((from) => starts.filter((at) => at >= from && at < from + minute).length);
    expect(Math.max(...inWindow)).toBe(10);
    // The limit is used: the last begins when ten a minute allow it, and little later.
    expect((starts.at(-1) ?? 0) - begun).toBeLessThan(10.5 * minute);

    const records = await Promise.all(ids.map((taskId) => cloud.record(taskId)));
    const putOff = records.map(
      ({ timeline }) => timeline.filter(({ state }) => state === 'SCHEDULED').length,
    );
    expect(records.map(({ state, attempts }) => `${state} ${attempts}`)).toEqual(ids.map(() => 'SUCCESS 1'));
    expect(Math.max(...putOff)).toBeLessThanOrEqual(2);
    expect(Math.max(...putOff)).toBeGreaterThan(0);
  });
});
