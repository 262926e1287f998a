import { describe, expect, it } from 'vitest';
import { redrive } from '../../pipeline/redrive.ts';
import { TimeLimitExceeded } from '../../pipeline/time-limits.ts';
import { calling, entering, reopening } from './moments.ts';
import {
  hiddenFor,
  lostWorkerBound,
  minute,
  type Run,
  type Scene,
  second,
  setScene,
  type Work,
} from './scene.ts';

/** Ends the task with a dead letter at its first attempt. */
const fails: Work = () => Promise.reject(new TimeLimitExceeded('too long'));

describe('a dead letter', () => {
  it('is paid by the reconciler within 2 minutes when the worker dies between FAILURE and its letter', async () => {
    const scene = setScene(fails);
    const taskId = await scene.submit();
    const worker = scene.worker();
    worker.diesAfter(entering('FAILURE'));
    await worker.poll();
    expect(await scene.record(taskId)).toMatchObject({ state: 'FAILURE', deadLetter: 'owed' });
    expect(scene.letters()).toEqual([]);

    await scene.liveUntil(() => scene.letters().length > 0, 2 * minute);
    await scene.live(hiddenFor + minute);
    expect(scene.letters()).toMatchObject([
      { taskId, epoch: 2, dead: true, error: { type: 'TimeLimitExceeded' } },
    ]);
    expect(await scene.record(taskId)).toMatchObject({ state: 'FAILURE', deadLetter: 'sent', epoch: 1 });
    expect(scene.runs).toHaveLength(1);
    expect(await scene.history(taskId)).toBe('PENDING STARTED FAILURE');
  });

  it('that is moved back opens the next epoch, though its worker dies right after opening it', async () => {
    const scene = setScene(fails, () => 'done');
    const taskId = await scene.submit();
    await scene.worker().poll();
    scene.world.queue.redriveDeadLetters('default');
    const worker = scene.worker();
    worker.diesAfter(reopening);
    await worker.poll();
    expect(await scene.record(taskId)).toMatchObject({ state: 'PENDING', epoch: 2, attempts: 0 });

    await scene.liveUntil(() => scene.runs.length === 2, lostWorkerBound);
    await scene.live(hiddenFor + minute);
    expect(scene.runs).toHaveLength(2);
    expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', epoch: 2, attempts: 1, lost: 0 });
    expect(await scene.history(taskId)).toBe('PENDING STARTED FAILURE PENDING/2 STARTED/2 SUCCESS/2');
    expect(scene.letters()).toEqual([]);
    expect(scene.world.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  });
});

describe('two letters for one failure', () => {
  it.each(['before the other is handled', 'while the epoch runs', 'after the epoch has ended'])(
    'open one epoch, if the second is moved back %s',
    async (when) => {
      const scene = await setTwoLetters(fails, async ({ process }) => {
        await process.sleep(10 * second);
        return 'done';
      });
      const [one, other] = moveBack(scene);
      void scene.worker().poll(one);
      if (when === 'while the epoch runs') await scene.live(5 * second);
      if (when === 'after the epoch has ended') await scene.live(15 * second);
      void scene.worker().poll(other);
      await scene.live(minute);

      const [{ taskId }] = scene.runs as [Run, ...Run[]];
      expect(scene.runs).toHaveLength(2);
      expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', epoch: 2, attempts: 1 });
      expect(await scene.history(taskId)).toBe('PENDING STARTED FAILURE PENDING/2 STARTED/2 SUCCESS/2');
      expect(scene.world.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
    },
  );

  it('open one epoch, if the second is moved back after that has failed: it is not the letter of that failure', async () => {
    const scene = await setTwoLetters(fails);
    const [one, other] = moveBack(scene);
    await scene.worker().poll(one);
    await scene.worker().poll(other);
    const [{ taskId }] = scene.runs as [Run, ...Run[]];
    expect(scene.runs).toHaveLength(2);
    expect(scene.refusals).toEqual(['ended']);
    expect(await scene.record(taskId)).toMatchObject({ state: 'FAILURE', epoch: 2, deadLetter: 'sent' });
    expect(scene.letters()).toMatchObject([{ taskId, epoch: 3 }]);
  });
});

describe('a redrive', () => {
  it('while an old message of the task is hidden: that is dropped when it shows up, whatever the epoch is doing', async () => {
    const scene = setScene(fails, async ({ process }) => {
      await process.sleep(2 * minute);
      return 'done';
    });
    const taskId = await scene.submit();
    await scene.world.queue.send('default', { v: 1, taskId, epoch: 1 }, { delaySeconds: 0, group: 'acme' });
    const [message, stale] = scene.take();
    if (!message || !stale) throw new Error('there should be two messages');
    await scene.worker().poll([message]);
    await scene.wait(hiddenFor - 65 * second);
    const request = { tenant: 'acme', by: 'ann', select: { taskIds: [taskId] }, dryRun: false } as const;
    const report = await redrive(scene.process().ports, {
      ...{ ...request, deadline: scene.world.clock.now() + minute },
      onFault: (_, error) => expect.fail(String(error)),
    });
    expect(report.items).toEqual([{ taskId, outcome: 'redriven' }]);

    // The old message shows up while the new epoch runs, and its letter is moved back after that.
    await scene.live(90 * second);
    expect(scene.refusals).toEqual(['stale-epoch']);
    await scene.live(minute);
    scene.world.queue.redriveDeadLetters('default');
    await scene.live(minute);
    expect(scene.refusals).toEqual(['stale-epoch', 'ended']);
    expect(scene.runs).toHaveLength(2);
    expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', epoch: 2, attempts: 1, lost: 0 });
    expect(await scene.history(taskId)).toBe('PENDING STARTED FAILURE PENDING/2 STARTED/2 SUCCESS/2');
  });
});

/** A task that failed and has two letters: its worker died before it had marked the first as sent. */
async function setTwoLetters(...works: Work[]): Promise<Scene> {
  const scene = setScene(...works);
  await scene.submit();
  const worker = scene.worker();
  worker.diesAfter(calling('queue.sendDead'));
  const [message] = scene.take();
  if (!message) throw new Error('there should be a message');
  await worker.poll([message]);
  scene.world.queue.remove(message);
  await scene.liveUntil(() => scene.letters().length === 2, 2 * minute);
  return scene;
}

/** Moves both letters back, and gives one to each of two workers. */
function moveBack(scene: Scene) {
  expect(scene.world.queue.redriveDeadLetters('default')).toBe(2);
  return scene.take().map((delivery) => [delivery]);
}
