import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { seededRandom } from '../../memory/seeded-random.ts';
import { defineTask } from '../../tasks/define-task.ts';
import { implement } from '../../tasks/implement-task.ts';
import { minute, openCloud, second } from './cloud.ts';

const work = defineTask({
  name: 'work',
  description: 'Takes some seconds.',
  input: z.int(),
  output: z.null(),
});

/** How long each of the quiet tenant's ten tasks takes from its submission, beside `waiting` tasks of another tenant. */
async function timesOfTen(waiting: number): Promise<number[]> {
  const random = seededRandom(1);
  const cloud = openCloud({
    workers: 10,
    work: ({ sleep }) => [
      implement(work, async () => {
        await sleep(3 * second + Math.floor(4 * second * random()));
        return null;
      }),
    ],
  });
  for (let n = 0; n < waiting; n++) await cloud.submit({ spec: work, input: n, tenant: 'noisy' });
  // Their workers are busy all the time when the others come.
  await cloud.world.clock.advance(30 * second);
  const ids = await Promise.all(
    Array.from({ length: 10 }, (_, n) => cloud.submit({ spec: work, input: n, tenant: 'quiet' })),
  );
  await cloud.world.clock.advance(minute);
  return Promise.all(
    ids.map(async (taskId) => {
      const record = await cloud.record(taskId);
      return record.state === 'SUCCESS' ? record.finishedAt - record.createdAt : Number.POSITIVE_INFINITY;
    }),
  );
}

const mean = (times: readonly number[]) => times.reduce((sum, time) => sum + time, 0) / times.length;

describe('ten tasks of one tenant beside 10,000 waiting tasks of another', () => {
  it('take no more than twice as long as alone', async () => {
    const alone = await timesOfTen(0);
    expect(Math.max(...alone)).toBeLessThan(7 * second);
    const beside = await timesOfTen(10_000);
    expect(Math.max(...beside)).toBeLessThanOrEqual(2 * Math.max(...alone));
    expect(mean(beside)).toBeLessThanOrEqual(2 * mean(alone));
  }, 60_000);
});
