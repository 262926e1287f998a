import { describe, expect, it, vi } from 'vitest';
import { fixed } from '../lifecycle/backoff.ts';
import { timings } from '../lifecycle/timings.ts';
import { type SceneTask, setTaskScene } from './task-scene.ts';

/** A world of tasks of which ten may start in a minute, six seconds and a bit apart. */
function setScene(task: Partial<SceneTask> = {}) {
  const starts: number[] = [];
  const scene = setTaskScene({
    definition: { rateLimit: '10/m', retry: { max: 3, delay: fixed(1) } },
    async work() {
      starts.push(scene.ports.clock.now() - begin);
    },
    ...task,
  });
  const begin = scene.ports.clock.now();
  /** Lets time pass with workers that take messages as they come. */
  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      for (const delivery of scene.ports.queue.receive('default', { visibilitySeconds: 1980 })) {
        void scene.worker.handle(delivery);
      }
      await scene.ports.clock.advance(1000);
    }
  }
  return { ...scene, pass, starts, begin };
}

const spacing = 6200;

describe('tasks with a rate limit', () => {
  it('start no faster, each put off at most twice, without spending an attempt', async () => {
    const { submit, pass, starts, worker, record } = setScene();
    const ids: string[] = [];
    for (let task = 0; task < 30; task++) ids.push(await submit());
    await pass(200);
    expect(starts).toHaveLength(30);
    for (const [index, at] of starts.slice(1).entries()) {
      expect(at - (starts[index] ?? 0)).toBeGreaterThanOrEqual(spacing);
    }
    expect(starts.at(-1)).toBeLessThan(29 * spacing + 5000);
    for (const id of ids) {
      expect(await record(id)).toMatchObject({ state: 'SUCCESS', attempts: 1, claim: 1 });
      const snoozes = worker.events.filter((event) => event.kind === 'snoozed' && event.record.taskId === id);
      expect(snoozes.length).toBeLessThanOrEqual(2);
    }
  });

  it('keep no turn from others when they will have expired by then', async () => {
    const { submit, pass, starts, record, begin } = setScene();
    const ids: string[] = [];
    // Twice as many as may start, each given a minute: what goes on for long must not end in nobody starting at all.
    for (let n = 0; n < 200; n++) {
      ids.push(await submit({}, { startBy: begin + n * 3000 + 60_000 }));
      await pass(3);
    }
    await pass(70);
    const lateStarts = starts.filter((at) => at > 300_000);
    expect(lateStarts.length).toBeGreaterThan(40);
    const ends = await Promise.all(ids.map(async (id) => (await record(id)).state));
    expect(ends.filter((state) => state === 'SUCCESS')).toHaveLength(starts.length);
  });

  it('wait in their worker when their turn comes within seconds', async () => {
    const { submit, pass, starts, worker, ports } = setScene();
    await submit();
    await pass(4);
    const waiting = await submit();
    await pass(4);
    expect(starts).toEqual([0, spacing]);
    expect(worker.events.filter(({ kind }) => kind === 'snoozed')).toEqual([]);
    expect((await ports.store.read(waiting))?.timeline.map(({ state }) => state)).not.toContain('SCHEDULED');
    expect(timings.gateWait).toBeLessThan(spacing);
  });

  it('are counted at each attempt, so that retries keep to the rate; they keep their error meanwhile', async () => {
    const attempts: number[] = [];
    const { submit, pass, record, ports, begin } = setScene({
      async work() {
        attempts.push(ports.clock.now() - begin);
        throw new Error('the upstream is down');
      },
    });
    const taskId = await submit();
    await pass(3);
    expect(await record(taskId)).toMatchObject({
      ...{
        state: 'RETRY',
        attempts: 1,
        snoozes: 1,
        hasTurn: true,
        error: { message: 'the upstream is down' },
      },
    });
    await pass(40);
    expect(attempts).toHaveLength(4);
    for (const [index, at] of attempts.slice(1).entries()) {
      expect(at - (attempts[index] ?? 0)).toBeGreaterThanOrEqual(spacing);
    }
    expect(await record(taskId)).toMatchObject({ state: 'FAILURE', attempts: 4 });
  });

  it('that go on in a fresh invocation, or follow a lost worker, are not counted: they start nothing', async () => {
    const { submit, poll, record, ports, wait } = setScene({
      definition: { rateLimit: '1/h', timeLimit: { soft: 100, hard: 150, total: 3600 } },
      async work(_, { step }) {
        for (let index = 0; index < 12; index++) await step(`step-${index}`, () => wait(20_000));
      },
    });
    const taskId = await submit();
    const read = vi.spyOn(ports.limits, 'read');
    while ((await poll()) > 0);
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 1, claim: 3 });
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('that must have started by a time end Expired while they wait', async () => {
    const { submit, pass, reconcile, record, begin, starts } = setScene();
    for (let task = 0; task < 5; task++) await submit();
    const late = await submit({}, { startBy: begin + 15_000 });
    await pass(14);
    expect(await record(late)).toMatchObject({ state: 'SCHEDULED', waitsFor: 'rate-limit' });
    expect((await reconcile()).counts).toMatchObject({ expired: 0 });
    await pass(1);
    expect((await reconcile()).counts).toMatchObject({ expired: 1 });
    await pass(30);
    expect(await record(late)).toMatchObject({ state: 'FAILURE', error: { type: 'Expired' } });
    expect(starts).toHaveLength(5);
  });
});

describe('a task with both limits', () => {
  const both = { rateLimit: '10/m', concurrency: { most: 1, key: () => 'all' } };

  it('that waits for its rate holds no place meanwhile', async () => {
    const { submit, pass, record, ports } = setScene({ definition: both });
    await submit();
    await submit();
    const third = await submit();
    await pass(4);
    expect(await record(third)).toMatchObject({ state: 'SCHEDULED' });
    const { concurrencyKey } = await record(third);
    expect(await ports.limits.read(concurrencyKey ?? '')).toMatchObject({ value: [] });
  });

  it('gives its place back when the rate cannot be asked', async () => {
    const { submit, pass, record, ports, worker } = setScene({ definition: both });
    const { read } = ports.limits;
    vi.spyOn(ports.limits, 'read').mockImplementation(async (key) => {
      if (key.startsWith('rate/')) throw new Error('the store is down');
      return read(key);
    });
    const taskId = await submit();
    await pass(1);
    expect(worker.faults).toMatchObject([{ message: 'the store is down' }]);
    const { concurrencyKey } = await record(taskId);
    expect(await ports.limits.read(concurrencyKey ?? '')).toMatchObject({ value: [] });
  });

  it('uses up no start of the rate while it waits for a place', async () => {
    const { submit, pass, ports, starts } = setScene({
      definition: both,
      async work() {
        starts.push(ports.clock.now());
        await new Promise<void>((resolve) => void ports.clock.after(60_000, resolve));
      },
    });
    await submit();
    await pass(1);
    const gate = await ports.limits.read('rate/scene');
    for (let task = 0; task < 4; task++) await submit();
    await pass(50);
    expect(await ports.limits.read('rate/scene')).toEqual(gate);
    expect(starts).toHaveLength(1);
  });
});
