import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLocation, readTask, submitTask, taskUntil } from './api-calls.ts';
import type { LaptopPowers } from './laptop-powers.ts';
import { type LaptopTarget, startLaptopTarget } from './laptop-target.ts';
import { askedAbout, orderTileFault } from './mapbox-stand-in.ts';
import type { Target } from './target.ts';

let laptop: LaptopTarget;
let target: Target;
let powers: LaptopPowers;
beforeAll(async () => {
  laptop = await startLaptopTarget();
  ({ target, powers } = laptop);
});
afterAll(() => laptop.stop());

const minute = 60_000;

describe('a message that is lost', () => {
  it('is sent again by the reconciler’s first run that is at least 30 s after the submission', async () => {
    // At 40 s past the minute, so that there is a run of the reconciler that comes too early.
    await target.passTime((100 - ((target.now() / 1000) % 60)) % 60);
    await powers.pause('default');
    const taskId = await submitTask(target, { task: 'test_celery', input: { message: 'lost' } });
    expect(await powers.countMessages('default')).toBe(1);
    await powers.purge('default');
    expect(await powers.countMessages('default')).toBe(0);
    await powers.resume('default');

    const submittedAt = Date.parse((await readTask(target, taskId)).created_at);
    const mendedAt = Math.ceil((submittedAt + 30_000) / minute) * minute;
    await target.passTime((mendedAt - target.now()) / 1000 - 20);
    await powers.settled();
    expect(await readTask(target, taskId)).toMatchObject({ state: 'PENDING', attempts: 0 });

    await target.passTime(21);
    const { started_at } = await taskUntil(target, taskId, ({ state }) => expect(state).toBe('SUCCESS'));
    const startedAt = Date.parse(started_at ?? '');
    expect(startedAt).toBeGreaterThanOrEqual(mendedAt);
    expect(startedAt).toBeLessThan(mendedAt + minute);
    expect(mendedAt - submittedAt).toBeGreaterThan(minute);
    const reconciled = (await powers.logged('task reconciled')).filter((line) => line['task_id'] === taskId);
    expect(reconciled).toMatchObject([{ service: 'reconciler', outcome: 'hint-sent' }]);
  });
});

describe('a message that comes more than once', () => {
  const place = { name: 'Denver', latitude: 39.739236, longitude: -104.984862 };
  const refusals = async (taskId: string) =>
    (await powers.logged('message without work'))
      .filter((line) => line['task_id'] === taskId)
      .map((line) => line['reason']);

  it('has the work done once, whether the task is running or over', async () => {
    await orderTileFault(target, place, { delay_ms: 1500 });
    const { taskId } = await createLocation(target, place);
    await vi.waitFor(async () => expect((await askedAbout(target, place)).elevation).toEqual([null]), 5000);
    const again = JSON.stringify({ v: 1, taskId, epoch: 1 });
    await powers.send('default', again);
    await vi.waitFor(async () => expect(await refusals(taskId)).toEqual(['held']), 5000);

    await taskUntil(target, taskId, ({ state }) => expect(state).toBe('SUCCESS'));
    const ended = await readTask(target, taskId);
    await powers.send('default', again);
    await vi.waitFor(async () => expect(await refusals(taskId)).toEqual(['held', 'ended']), 5000);

    expect(await askedAbout(target, place)).toEqual({ address: [200], elevation: [200] });
    expect(await readTask(target, taskId)).toEqual(ended);
    expect(ended.timeline.map(({ state }) => state)).toEqual(['PENDING', 'STARTED', 'SUCCESS']);
    await powers.settled();
    expect(await powers.countMessages('default dead letters')).toBe(0);
  });
});

describe('a message that nobody can read', () => {
  it.each([
    ['is no JSON', 'hello'],
    ['names no task that exists', JSON.stringify({ v: 1, taskId: 'nobody', epoch: 1 })],
  ])('ends among the dead letters when it %s', async (_, body) => {
    await powers.send('default', body);
    await vi.waitFor(async () => expect(await powers.countMessages('default dead letters')).toBe(1), 5000);
    expect(await powers.takeMessages('default dead letters')).toEqual([body]);
    expect(await powers.countMessages('default')).toBe(0);
  });
});
