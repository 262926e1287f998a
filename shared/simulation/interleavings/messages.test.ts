import { describe, expect, it } from 'vitest';
import { calling, claiming } from './moments.ts';
import { minute, type Run, second, setScene } from './scene.ts';

describe('a message', () => {
  it('that is delivered twice at once lets one attempt run', async () => {
    const scene = setScene(async ({ process }: Run) => {
      await process.sleep(second);
      return 'done';
    });
    const taskId = await scene.submit();
    const deliveries = scene.take();
    const workers = [scene.worker(), scene.worker()];
    const claims = workers.map((worker) => worker.pausesBefore(claiming));
    for (const worker of workers) void worker.poll(deliveries);
    for (const { reached } of claims) await reached;
    for (const { release } of claims) release();
    await scene.live(2 * second);

    expect(scene.runs).toHaveLength(1);
    expect(scene.refusals).toEqual(['held']);
    expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 1, claim: 1, lost: 0 });
    expect(await scene.history(taskId)).toBe('PENDING STARTED SUCCESS');
    expect(scene.world.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  });

  it('that the reconciler sends while the task has begun to wait for its next attempt brings neither an early nor a second one', async () => {
    const scene = setScene(
      () => Promise.reject(new Error('busy')),
      () => 'done',
    );
    const taskId = await scene.submit();
    const message = scene.take();
    await scene.wait(30 * second);
    const reconciler = scene.process();
    const send = reconciler.pausesBefore(calling('queue.send'));
    const reconciling = scene.reconcile(reconciler);
    await send.reached;
    await scene.worker().poll(message);
    expect(await scene.record(taskId)).toMatchObject({ state: 'RETRY', attempts: 1 });
    send.release();
    expect((await reconciling).counts['hint-sent']).toBe(1);

    await scene.liveUntil(() => scene.refusals.includes('not-due'), 2 * second);
    expect(scene.world.queue.depth('default')).toEqual({ visible: 0, hidden: 2 });
    const waited = await scene.liveUntil(() => scene.runs.length === 2, minute);
    expect(waited).toBeGreaterThanOrEqual(minute - 3 * second);
    await scene.live(5 * minute);
    expect(scene.refusals).toEqual(['not-due', 'held']);
    expect(scene.runs).toHaveLength(2);
    expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 2, claim: 2, lost: 0 });
    expect(await scene.history(taskId)).toBe('PENDING STARTED RETRY STARTED SUCCESS');
    expect(scene.world.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  });
});

describe('two reconcilers at once', () => {
  it('send one message for a task that both have read', async () => {
    const scene = setScene(() => 'done');
    const taskId = await scene.submit();
    scene.take();
    await scene.wait(30 * second);
    const reconcilers = [scene.process(), scene.process()];
    const moves = reconcilers.map((reconciler) => reconciler.pausesBefore(calling('store.moveWake')));
    const reports = reconcilers.map((reconciler) => scene.reconcile(reconciler));
    for (const { reached } of moves) await reached;
    for (const { release } of moves) release();
    const counts = (await Promise.all(reports)).map((report) => report.counts);
    expect(counts).toMatchObject([{ 'hint-sent': 1 }, { 'hint-sent': 0, 'left-alone': 1 }]);
    expect(scene.world.queue.depth('default').visible).toBe(1);

    await scene.live(minute);
    expect(scene.runs).toHaveLength(1);
    expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 1, claim: 1 });
  });

  it('and one dies between putting off its look and sending: the other sends a minute later', async () => {
    const scene = setScene(() => 'done');
    const taskId = await scene.submit();
    scene.take();
    await scene.wait(30 * second);
    const reconciler = scene.process();
    reconciler.diesAfter(calling('store.moveWake'));
    void scene.reconcile(reconciler);
    await reconciler.death;
    expect((await scene.reconcile()).counts).toMatchObject({ 'hint-sent': 0 });

    await scene.liveUntil(() => scene.runs.length === 1, 2 * minute);
    expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 1, claim: 1 });
  });
});
