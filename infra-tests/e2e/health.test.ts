import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, readTask, submitTask, taskUntil } from './api-calls.ts';
import type { LaptopPowers } from './laptop-powers.ts';
import { type LaptopTarget, startLaptopTarget } from './laptop-target.ts';
import { aTime } from './shapes.ts';
import type { Target } from './target.ts';

let laptop: LaptopTarget;
let target: Target;
let powers: LaptopPowers;
beforeAll(async () => {
  laptop = await startLaptopTarget();
  ({ target, powers } = laptop);
});
afterAll(() => laptop.stop());

const hello = { task: 'test_celery', input: { message: 'hello' } };
const health = () => ask(target, 'GET', '/health/', { token: null });
const healthy = {
  status: 'healthy',
  checks: { database: 'ok', cache: 'ok', celery: 'ok' },
  timestamp: aTime,
};
const unhealthy = { ...healthy, status: 'unhealthy', checks: { ...healthy.checks, celery: 'error' } };
const switchedOff = 'celery: the consumer of the queue is switched off';

/** What was found out about the consumer and the tasks that wait is told again for five seconds. */
const passMemory = () => target.passTime(6);

describe('health', () => {
  it('is well before any worker was ever started', async () => {
    expect(await health()).toMatchObject({ status: 200, body: healthy });
    expect(Object.keys((await health()).body as object)).toEqual(Object.keys(healthy));
  });

  it('is still well when workers have had nothing to do for ten minutes', async () => {
    const taskId = await submitTask(target, hello);
    await taskUntil(target, taskId, ({ state }) => expect(state).toBe('SUCCESS'));
    await target.passTime(600);
    expect(await health()).toMatchObject({ status: 200, body: healthy });
  });

  it('tells of a consumer that was switched off; switched on, tasks go on where they were', async () => {
    await powers.switchConsumer('default', false);
    await passMemory();
    expect(await health()).toMatchObject({ status: 503, body: { ...unhealthy, errors: [switchedOff] } });

    const taskIds = [await submitTask(target, hello), await submitTask(target, hello)];
    await target.passTime(400);
    expect(await health()).toMatchObject({
      status: 503,
      body: {
        ...unhealthy,
        errors: [
          switchedOff,
          'celery: tasks have waited for more than 5 minutes, and no worker was alive in the last 3',
        ],
      },
    });
    for (const taskId of taskIds) {
      expect(await readTask(target, taskId)).toMatchObject({ state: 'PENDING', attempts: 0 });
    }

    await powers.switchConsumer('default', true);
    for (const taskId of taskIds) {
      const ended = await taskUntil(target, taskId, ({ state }) => expect(state).toBe('SUCCESS'));
      expect(ended).toMatchObject({ attempts: 1, epoch: 1 });
    }
    await passMemory();
    expect(await health()).toMatchObject({ status: 200, body: healthy });
  });
});
