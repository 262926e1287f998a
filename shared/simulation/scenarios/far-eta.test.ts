import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { seededRandom } from '../../memory/seeded-random.ts';
import { defineTask } from '../../tasks/define-task.ts';
import { implement } from '../../tasks/implement-task.ts';
import { calling, claiming, type Moment } from '../interleavings/moments.ts';
import { type CloudPlan, day, minute, openCloud, second } from './cloud.ts';

const remind = defineTask({
  name: 'remind',
  description: 'Reminds somebody.',
  input: z.null(),
  output: z.null(),
});

/** A task that is to run in 30 days, and when it ran. */
async function remindIn30Days(onWorker?: CloudPlan['onWorker']) {
  const ran: number[] = [];
  const cloud = openCloud({
    ...(onWorker && { onWorker }),
    work: () => [
      implement(remind, async () => {
        ran.push(cloud.world.clock.now());
        return null;
      }),
    ],
  });
  const eta = cloud.world.clock.now() + 30 * day + 12_345;
  const taskId = await cloud.submit({ spec: remind, input: null, eta });
  const late = () => ran.map((at) => at - eta);
  return { cloud, eta, taskId, late };
}

describe('a task that is to run in 30 days', () => {
  it('runs once, on time, though the reconciler runs every minute, often twice at once, and now and then dies', async () => {
    const { cloud, taskId, late } = await remindIn30Days();
    const random = seededRandom(1);
    let deaths = 0;
    await cloud.live(30 * day + 10 * minute, async () => {
      const process = cloud.process();
      const twin = random() < 0.3 ? cloud.reconcile() : null;
      if (random() < 0.2) {
        deaths++;
        process.diesBefore(calling('store.due'));
      }
      await Promise.all([cloud.reconcile(process), twin]);
    });
    expect(deaths).toBeGreaterThan(8000);
    expect(late()).toHaveLength(1);
    expect(late()[0]).toBeGreaterThanOrEqual(-2 * second);
    expect(late()[0]).toBeLessThanOrEqual(minute);
    const { state, attempts, claim, resent } = await cloud.record(taskId);
    expect({ state, attempts, claim, resent }).toEqual({
      state: 'SUCCESS',
      attempts: 1,
      claim: 1,
      resent: null,
    });
  }, 60_000);

  it('costs no message before its time is near, and no write', async () => {
    const { cloud, taskId } = await remindIn30Days();
    const before = await cloud.record(taskId);
    await cloud.live(30 * day - 6 * minute);
    expect(await cloud.record(taskId)).toEqual(before);
    expect(cloud.world.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  }, 60_000);

  it.each<[string, Moment]>([
    ['before it has moved the next look', calling('store.moveWake')],
    ['between moving the next look and sending the message', calling('queue.send')],
  ])('runs once when the reconciler that should wake it dies %s', async (_, moment) => {
    const { cloud, late } = await remindIn30Days();
    await cloud.world.clock.advance(30 * day - 6 * minute);
    let dying = true;
    await cloud.live(15 * minute, async () => {
      const process = cloud.process();
      if (dying) process.diesBefore(moment);
      await cloud.reconcile(process);
      dying &&= process.isAlive();
    });
    expect(dying).toBe(false);
    expect(late()).toHaveLength(1);
    // A message that was not sent is sent again before the time has come.
    expect(late()[0]).toBeLessThanOrEqual(minute);
  });

  it('runs once when the worker that should run it dies before it has claimed it', async () => {
    const { cloud, late } = await remindIn30Days((process, nth) => {
      if (nth === 1) process.diesBefore(claiming);
    });
    await cloud.world.clock.advance(30 * day - 6 * minute);
    await cloud.live(60 * minute);
    expect(late()).toHaveLength(1);
    expect(late()[0]).toBeLessThanOrEqual(2 * minute);
  });
});
