import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { defineTask } from '../../tasks/define-task.ts';
import { implement } from '../../tasks/implement-task.ts';
import { RetryAfter } from '../../tasks/task-errors.ts';
import { calling, claiming, entering } from '../interleavings/moments.ts';
import type { Pause, ScriptedProcess } from '../interleavings/scripted-process.ts';
import { type CloudPlan, minute, openCloud, second } from './cloud.ts';

const common = { input: z.string(), output: z.null() };
const minutely = defineTask({
  name: 'one_a_minute',
  description: 'One a minute.',
  ...common,
  rateLimit: '1/m',
});
const alone = defineTask({
  name: 'alone',
  description: 'One at a time.',
  ...common,
  concurrency: { most: 1, key: () => 'all' },
});

interface Run {
  readonly input: string;
  readonly from: number;
  to: number | null;
}

/** A cloud in which tasks run for 10 seconds, and when they did; those of `deadly` kill their worker after 5, once. */
function openScene(
  deadly: readonly string[] = [],
  onWorker: NonNullable<CloudPlan['onWorker']> = () => undefined,
) {
  const runs: Run[] = [];
  const done: string[] = [];
  const now = () => cloud.world.clock.now() - begun;
  const processes: ScriptedProcess[] = [];
  onTestFinished(() => {
    expect(
      processes.flatMap((process) => process.untold()),
      'parts of the story that never happened',
    ).toEqual([]);
  });
  const cloud = openCloud({
    onWorker(process, nth) {
      processes.push(process);
      onWorker(process, nth);
    },
    work: (process) =>
      [minutely, alone].map((spec) =>
        implement(
          spec,
          async (input) => {
            const run: Run = { input, from: now(), to: null };
            runs.push(run);
            await process.sleep(5 * second);
            if (deadly.includes(input) && runs.filter((one) => one.input === input).length === 1)
              process.die();
            await process.sleep(5 * second);
            run.to = now();
            return null;
          },
          { onSuccess: async (_, { taskId }) => void done.push(taskId) },
        ),
      ),
  });
  const begun = cloud.world.clock.now();
  /** One after the other, so that each comes to a worker of its own. */
  async function submit(spec: typeof alone, ...inputs: string[]): Promise<string[]> {
    const ids: string[] = [];
    for (const input of inputs) {
      ids.push(await cloud.submit({ spec, input }));
      await cloud.world.clock.advance(10);
    }
    return ids;
  }
  return { cloud, runs, done, submit };
}

describe('a task that a rate limit has put off', () => {
  it('starts a spacing later', async () => {
    const { cloud, runs, submit } = openScene();
    const [, next = ''] = await submit(minutely, 'a', 'b');
    expect(await cloud.record(next)).toMatchObject({ state: 'SCHEDULED', attempts: 0 });
    await cloud.live(3 * minute);
    expect(runs.map(({ input }) => input)).toEqual(['a', 'b']);
    expect((runs[1]?.from ?? 0) - (runs[0]?.from ?? 0)).toBeLessThan(minute + 5 * second);
    expect((runs[1]?.from ?? 0) - (runs[0]?.from ?? 0)).toBeGreaterThanOrEqual(minute);
    expect(await cloud.record(next)).toMatchObject({ state: 'SUCCESS', attempts: 1 });
  });

  it.each([
    ['before that is saved', entering('SCHEDULED')],
    ['before its message is sent', calling('queue.send')],
  ])('starts, though its worker dies %s', async (_, moment) => {
    const { cloud, runs, submit } = openScene([], (process, nth) => {
      if (nth === 2) process.diesBefore(moment);
    });
    const [, taskId = ''] = await submit(minutely, 'a', 'b');
    await cloud.live(6 * minute);
    expect(runs.map(({ input }) => input)).toEqual(['a', 'b']);
    expect(await cloud.record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 1, lost: 0 });
  });
});

describe('an attempt that nobody let in', () => {
  it('does not begin, though its task fails while another worker is about to take it over', async () => {
    const starts: number[] = [];
    const pauses: Pause[] = [];
    const now = () => cloud.world.clock.now() - begun;
    const cloud = openCloud({
      onWorker(process, nth) {
        if (nth === 1) process.diesBefore(calling('queue.putBack'));
        if (nth === 2) pauses.push(process.pausesBefore(claiming));
      },
      work: (process) => [
        implement(minutely, async (input, { attempt }) => {
          starts.push(now());
          if (input !== 'a' || attempt > 1) return null;
          await process.block(61 * second);
          throw new RetryAfter(0, 'once more');
        }),
      ],
    });
    const begun = cloud.world.clock.now();
    const taskId = await cloud.submit({ spec: minutely, input: 'a' });
    await cloud.live(65 * second);
    expect(pauses).toHaveLength(1);
    expect(await cloud.record(taskId)).toMatchObject({ state: 'RETRY', attempts: 1 });
    for (const pause of pauses) pause.release();
    await cloud.submit({ spec: minutely, input: 'b' });
    await cloud.live(4 * minute);
    expect(await cloud.record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 2 });
    const [first = 0, next = 0, last = 0] = starts;
    expect(starts).toHaveLength(3);
    expect([next - first, last - next].every((wait) => wait >= minute)).toBe(true);
  });
});

describe('a place under a concurrency key', () => {
  it('passes on to the next task, and is held by one at a time', async () => {
    const { cloud, runs, submit } = openScene();
    await submit(alone, 'a', 'b', 'c');
    await cloud.live(5 * minute);
    expect(runs.map(({ input }) => input).sort()).toEqual(['a', 'b', 'c']);
    for (const [index, { from }] of runs.entries()) {
      expect(from).toBeGreaterThanOrEqual(runs[index - 1]?.to ?? 0);
    }
  });

  it('is found free once the lease of a dead holder is over; that one then waits for it as others do', async () => {
    const { cloud, runs, submit } = openScene(['a']);
    const [first = ''] = await submit(alone, 'a', 'b');
    await cloud.live(6 * minute);
    expect(runs.map(({ input }) => input).sort()).toEqual(['a', 'a', 'b']);
    const [died, ...others] = runs;
    expect(died).toMatchObject({ input: 'a', to: null });
    expect(others[0]?.from).toBeGreaterThanOrEqual(45 * second);
    expect(others[1]?.from).toBeGreaterThanOrEqual(others[0]?.to ?? Number.POSITIVE_INFINITY);
    expect(await cloud.record(first)).toMatchObject({ state: 'SUCCESS', attempts: 1, lost: 1 });
  });

  it('is free after half a minute when its worker died before it claimed its task', async () => {
    const { cloud, runs, submit } = openScene([], (process, nth) => {
      if (nth === 1) process.diesBefore(claiming);
    });
    await submit(alone, 'a', 'b');
    await cloud.live(6 * minute);
    expect(runs.map(({ input }) => input).sort()).toEqual(['a', 'b']);
    expect(runs[0]?.from).toBeGreaterThanOrEqual(30 * second);
    expect(runs[0]?.from).toBeLessThan(2 * minute);
  });

  it('stays with the task when a second message of it is refused', async () => {
    const pauses: Pause[] = [];
    const { cloud, runs, submit } = openScene([], (process, nth) => {
      if (nth === 1) pauses.push(process.pausesBefore(claiming));
    });
    const [taskId = ''] = await submit(alone, 'a');
    await cloud.world.queue.send('default', { v: 1, taskId, epoch: 1 }, { delaySeconds: 0, group: 'acme' });
    await submit(alone, 'b');
    await cloud.world.clock.advance(second);
    for (const pause of pauses) pause.release();
    await cloud.live(3 * minute);
    expect(runs.map(({ input }) => input)).toEqual(['a', 'b']);
    expect(runs[1]?.from).toBeGreaterThanOrEqual(runs[0]?.to ?? Number.POSITIVE_INFINITY);
  });
});

describe('a hook', () => {
  it('runs once for a success, though its message comes twice', async () => {
    const { cloud, done, submit } = openScene();
    const [taskId = ''] = await submit(alone, 'a');
    await cloud.world.queue.send('default', { v: 1, taskId, epoch: 1 }, { delaySeconds: 0, group: 'acme' });
    await cloud.live(5 * minute);
    expect(done).toEqual([taskId]);
  });

  it('does not run when its worker dies once the success is recorded', async () => {
    const { cloud, done, submit } = openScene([], (process, nth) => {
      if (nth === 1) process.diesAfter(entering('SUCCESS'));
    });
    const [taskId = ''] = await submit(alone, 'a');
    await cloud.live(40 * minute);
    expect(await cloud.record(taskId)).toMatchObject({ state: 'SUCCESS' });
    expect(done).toEqual([]);
  });
});
