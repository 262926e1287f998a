import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ask, createLocation, readTask, submitTask, taskUntil } from './api-calls.ts';
import type { LaptopPowers } from './laptop-powers.ts';
import { type LaptopTarget, startLaptopTarget } from './laptop-target.ts';
import { orderTileFault } from './mapbox-stand-in.ts';
import type { Target } from './target.ts';

let laptop: LaptopTarget;
let target: Target;
let powers: LaptopPowers;
beforeAll(async () => {
  laptop = await startLaptopTarget();
  ({ target, powers } = laptop);
});
afterAll(() => laptop.stop());

const places = [
  { name: 'Oslo', latitude: 59.913333, longitude: 10.738889 },
  { name: 'Lima', latitude: -12.045907, longitude: -77.030486 },
];
const redrive = (json: unknown) => ask(target, 'POST', '/api/v1/dead-letters/redrive', { json });
const letters = () => powers.countMessages('default dead letters');
const until = (taskId: string, state: string) =>
  taskUntil(target, taskId, (record) => expect(record.state).toBe(state));

describe('tasks that failed for good', () => {
  let victims: string[];
  let hopeless: string;
  beforeAll(async () => {
    victims = [];
    for (const place of places) {
      await orderTileFault(target, place, { status: 503, times: 4 });
      victims.push((await createLocation(target, place)).taskId);
    }
    hopeless = await submitTask(target, { task: 'run_steps', input: { steps: 1, fail_first: 10 } });
    for (const attempts of [1, 2, 3]) {
      // The hopeless one waits for ten seconds only, so it may be further by now.
      for (const taskId of victims) {
        await taskUntil(target, taskId, (record) =>
          expect(record).toMatchObject({ state: 'RETRY', attempts }),
        );
      }
      await target.passTime(61);
    }
    for (const taskId of [...victims, hopeless]) await until(taskId, 'FAILURE');
    await powers.settled();
  }, 120_000);

  it('are told by a dry run, and left as they are', async () => {
    expect(await letters()).toBe(3);
    const filter = { error_type: 'UpstreamError', after: new Date(target.now() - 600_000).toISOString() };
    const { status, body } = await redrive({ filter, dry_run: true });
    expect(status).toBe(200);
    expect(body).toEqual({
      ...{ matched: 2, redriven: 0, next_cursor: null },
      items: expect.toSatisfy((items: unknown[]) => items.length === 2),
    });
    for (const taskId of victims) expect(await readTask(target, taskId)).toMatchObject({ state: 'FAILURE' });
  });

  it('run again when they match, and only those', async () => {
    const { body } = await redrive({ filter: { error_type: 'UpstreamError' } });
    expect(body).toMatchObject({ matched: 2, redriven: 2 });
    for (const taskId of victims) {
      const record = await until(taskId, 'SUCCESS');
      expect(record).toMatchObject({ epoch: 2, attempts: 1 });
      const opened = record.timeline.find(({ epoch, state }) => epoch === 2 && state === 'PENDING');
      expect(opened?.detail).toMatch(/^redriven by /);
    }
    expect((await redrive({ filter: { error_type: 'UpstreamError' } })).body).toMatchObject({ matched: 0 });
    expect(await readTask(target, hopeless)).toMatchObject({ state: 'FAILURE', epoch: 1 });
  });

  it('do not run a third time when their old letters are moved in the console', async () => {
    const bodies = await powers.takeMessages('default dead letters');
    expect(bodies).toHaveLength(3);
    const moved = bodies.find((body) => body.includes(victims[0] ?? '')) ?? '';
    await powers.send('default', moved);
    await vi.waitFor(async () => {
      const lines = await powers.logged('message without work');
      const refused = lines.filter((line) => line['task_id'] === victims[0]);
      expect(refused).toHaveLength(1);
    }, 5000);
    expect(await readTask(target, victims[0] ?? '')).toMatchObject({ state: 'SUCCESS', epoch: 2 });
    for (const body of bodies) await powers.send('default dead letters', body);
  });

  it('leave no letter that is superseded after five minutes, and keep the one that is not', async () => {
    expect(await letters()).toBe(3);
    await target.passTime(300);
    await powers.settled();
    expect(await letters()).toBe(1);
    const [left = ''] = await powers.takeMessages('default dead letters');
    expect(JSON.parse(left)).toMatchObject({ taskId: hopeless, epoch: 2, dead: true });
    await powers.send('default dead letters', left);
    const swept = await powers.logged('dead letters swept');
    expect(swept.map((line) => line['removed'])).toContain(2);
  });

  it('end well with edited input, and their letter goes too', async () => {
    const json = { input: { steps: 1 } };
    expect((await ask(target, 'POST', `/api/v1/tasks/${hopeless}/retry`, { json })).status).toBe(202);
    expect(await until(hopeless, 'SUCCESS')).toMatchObject({ epoch: 2, attempts: 1 });
    await target.passTime(300);
    await powers.settled();
    expect(await letters()).toBe(0);
  });
});
