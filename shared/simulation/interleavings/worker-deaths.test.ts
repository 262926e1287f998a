import { describe, expect, it } from 'vitest';
import { calling, claiming, entering } from './moments.ts';
import {
  hiddenFor,
  lostWorkerBound,
  minute,
  type Scene,
  type SceneWorker,
  second,
  setScene,
} from './scene.ts';

const hangs = () => new Promise(() => undefined);

describe('a worker that dies', () => {
  it('after it saved SUCCESS and before its message is deleted: the message comes again for nothing', async () => {
    const scene = setScene(() => 'done');
    const taskId = await scene.submit();
    const worker = scene.worker();
    worker.diesAfter(entering('SUCCESS'));
    await worker.poll();
    expect(scene.world.queue.depth('default')).toEqual({ visible: 0, hidden: 1 });

    await scene.live(hiddenFor + second);
    expect(scene.refusals).toEqual(['ended']);
    expect(scene.runs).toHaveLength(1);
    expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 1, claim: 1, lost: 0 });
    expect(await scene.history(taskId)).toBe('PENDING STARTED SUCCESS');
    expect(scene.world.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  });

  it('after it saved RETRY and before it hid the message until then: the next attempt is at most 90 s late', async () => {
    const scene = setScene(
      () => Promise.reject(new Error('busy')),
      () => 'done',
    );
    const taskId = await scene.submit();
    const worker = scene.worker();
    worker.diesAfter(entering('RETRY'));
    await worker.poll();

    const waited = await scene.liveUntil(() => scene.runs.length === 2, minute + 90 * second);
    expect(waited).toBeGreaterThanOrEqual(minute - 2 * second);
    expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 2, lost: 0 });
    expect(await scene.history(taskId)).toBe('PENDING STARTED RETRY STARTED SUCCESS');
    expect(scene.letters()).toEqual([]);
  });

  it.each([0, 1, 14, 16, 29, 44, 46, 59, 100, 239])(
    '%d s into its work: the task runs again within 3 minutes, and no attempt is counted',
    async (seconds) => {
      const scene = setScene(hangs, () => 'done');
      const taskId = await scene.submit();
      const worker = scene.worker();
      void worker.poll();
      await scene.wait(0);
      await scene.live(seconds * second);
      worker.die();

      await scene.liveUntil(() => scene.runs.length === 2, lostWorkerBound);
      expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 1, lost: 1, claim: 2 });
      expect(await scene.history(taskId)).toBe('PENDING STARTED STARTED SUCCESS');
      await scene.live(hiddenFor + minute);
      expect(scene.runs).toHaveLength(2);
      expect(scene.letters()).toEqual([]);
    },
  );
});

describe('a worker that dies over a task that had long waited', () => {
  it('is missed within 3 minutes, though the reconciler put off its look between the read and the claim', async () => {
    const { scene, taskId } = await setLongWait();
    const worker = scene.worker();
    const claim = worker.pausesBefore(claiming);
    await waitForLook(scene, taskId, second);
    void worker.poll();
    await claim.reached;
    await waitForLook(scene, taskId);
    await scene.reconcile();
    expect((await scene.record(taskId)).wakeAt).toBe(scene.world.clock.now() + 16 * minute);
    scene.take();
    claim.release();
    await dieAtWork(scene, worker, taskId);

    await scene.liveUntil(() => scene.runs.length === 2, lostWorkerBound);
    expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 1, lost: 1, claim: 2 });
  });

  it('is missed within 3 minutes, though the claim came between the look and its putting off', async () => {
    const { scene, taskId } = await setLongWait();
    const messages = scene.take();
    await waitForLook(scene, taskId);
    const reconciler = scene.process();
    const move = reconciler.pausesBefore(calling('store.moveWake'));
    const reconciling = scene.reconcile(reconciler);
    await move.reached;
    const worker = scene.worker();
    void worker.poll(messages);
    await scene.wait(0);
    move.release();
    expect((await reconciling).counts).toMatchObject({ 'left-alone': 1, 'hint-sent': 0 });
    await dieAtWork(scene, worker, taskId);

    await scene.liveUntil(() => scene.runs.length === 2, lostWorkerBound);
    expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 1, lost: 1, claim: 2 });
  });
});

/** A task whose messages were lost until the reconciler lets 8 minutes pass between two of them; the newest is there. */
async function setLongWait(): Promise<{ scene: Scene; taskId: string }> {
  const scene = setScene(hangs, () => 'done');
  const taskId = await scene.submit();
  while ((await scene.record(taskId)).resent?.count !== 4) {
    scene.take();
    await waitForLook(scene, taskId);
    await scene.reconcile();
  }
  return { scene, taskId };
}

/** Waits until `before` milliseconds before the reconciler's next look. */
async function waitForLook(scene: Scene, taskId: string, before = 0): Promise<void> {
  const { wakeAt } = await scene.record(taskId);
  await scene.wait((wakeAt ?? 0) - before - scene.world.clock.now());
}

async function dieAtWork(scene: Scene, worker: SceneWorker, taskId: string): Promise<void> {
  await scene.wait(second);
  expect(await scene.record(taskId)).toMatchObject({ state: 'STARTED', claim: 1 });
  worker.die();
}
