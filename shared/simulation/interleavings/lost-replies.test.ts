import { describe, expect, it } from 'vitest';
import { cancelTask } from '../../pipeline/cancel-task.ts';
import { submit } from '../../pipeline/submit.ts';
import { TimeLimitExceeded } from '../../pipeline/time-limits.ts';
import { calling, claiming, entering, flagging } from './moments.ts';
import { hiddenFor, lostWorkerBound, minute, type Run, sceneTask, second, setScene } from './scene.ts';

const submission = { spec: sceneTask, input: {}, tenant: 'acme', taskId: 'keyed', digest: 'a' };

describe('a write that was done though its reply was lost, asked for again by the client', () => {
  it('is the claim of the attempt that asks: it runs, and is not refused by its own claim', async () => {
    const scene = setScene(() => 'done');
    const taskId = await scene.submit();
    const worker = scene.worker();
    worker.asksAgain(claiming);
    await worker.poll();
    expect(scene.refusals).toEqual([]);
    expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 1, claim: 1, version: 3 });
    expect(await scene.history(taskId)).toBe('PENDING STARTED SUCCESS');
  });

  it('is an outcome: it stands, and its letter is sent once', async () => {
    const scene = setScene(() => Promise.reject(new TimeLimitExceeded('too long')));
    const taskId = await scene.submit();
    const worker = scene.worker();
    worker.asksAgain(entering('FAILURE'));
    await worker.poll();
    await scene.live(hiddenFor);
    expect(scene.events).not.toContain('superseded');
    expect(await scene.record(taskId)).toMatchObject({ state: 'FAILURE', attempts: 1, deadLetter: 'sent' });
    expect(scene.letters()).toMatchObject([{ taskId, epoch: 2 }]);
    expect(scene.runs).toHaveLength(1);
  });

  it('is a cancel: it is told as requested', async () => {
    const scene = setScene(hangs);
    const taskId = await scene.submit();
    void scene.worker().poll();
    await scene.wait(second);
    const api = scene.process();
    api.asksAgain(flagging);
    const outcome = await cancelTask(api.ports, { tenant: 'acme', taskId, by: 'ann' });
    expect(outcome).toMatchObject({
      kind: 'requested',
      record: { state: 'STARTED', cancelRequest: { by: 'ann' } },
    });
    await scene.live(10 * second);
    expect(await scene.record(taskId)).toMatchObject({ state: 'CANCELLED' });
  });

  it('is the record of a new task: it is accepted as new, and its message sent', async () => {
    const scene = setScene(() => 'done');
    const api = scene.process();
    api.asksAgain(calling('store.create'));
    expect(await submit(api.ports, submission)).toMatchObject({ duplicate: false, sendError: null });
    expect(scene.world.queue.depth('default').visible).toBe(1);
    await scene.live(5 * minute);
    expect(scene.runs).toHaveLength(1);
  });

  it('is the reconciler putting off its look: it sends, once', async () => {
    const scene = setScene(() => 'done');
    await scene.submit();
    scene.take();
    await scene.wait(30 * second);
    const reconciler = scene.process();
    reconciler.asksAgain(calling('store.moveWake'));
    expect((await scene.reconcile(reconciler)).counts).toMatchObject({ 'hint-sent': 1, 'left-alone': 0 });
    await scene.live(5 * minute);
    expect(scene.runs).toHaveLength(1);
  });
});

describe('a write that was done though no reply ever came', () => {
  it('is a claim: nobody works under it, and the task runs within 3 minutes', async () => {
    const scene = setScene(() => 'done');
    const taskId = await scene.submit();
    const worker = scene.worker();
    worker.hearsNothingOf(claiming);
    await worker.poll();
    expect(scene.events).toEqual(['fault']);
    expect(await scene.record(taskId)).toMatchObject({ state: 'STARTED', claim: 1 });

    await scene.liveUntil(() => scene.runs.length === 1, lostWorkerBound);
    expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 1, lost: 1, claim: 2 });
    expect(await scene.history(taskId)).toBe('PENDING STARTED STARTED SUCCESS');
    expect(scene.letters()).toEqual([]);
  });

  it('is SUCCESS: its worker asks again a second later, and finds that it stands', async () => {
    const scene = setScene(() => 'done');
    const taskId = await scene.submit();
    const worker = scene.worker();
    worker.hearsNothingOf(entering('SUCCESS'));
    const polled = worker.poll();
    await scene.wait(second);
    await polled;
    expect(scene.events).toEqual(['started', 'ended']);
    expect(scene.runs).toHaveLength(1);
    expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 1, claim: 1 });
    expect(scene.world.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  });

  it('is RETRY: the next attempt comes at its time', async () => {
    const scene = setScene(
      () => Promise.reject(new Error('busy')),
      () => 'done',
    );
    const taskId = await scene.submit();
    const worker = scene.worker();
    worker.hearsNothingOf(entering('RETRY'));
    const polled = worker.poll();
    await scene.wait(second);
    await polled;
    const waited = await scene.liveUntil(() => scene.runs.length === 2, minute);
    expect(waited).toBeGreaterThanOrEqual(minute - 2 * second);
    expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 2, lost: 0 });
    expect(await scene.history(taskId)).toBe('PENDING STARTED RETRY STARTED SUCCESS');
  });

  it('is FAILURE: its worker finds that it stands and sends the letter', async () => {
    const scene = setScene(() => Promise.reject(new TimeLimitExceeded('too long')));
    const taskId = await scene.submit();
    const worker = scene.worker();
    worker.hearsNothingOf(entering('FAILURE'));
    const polled = worker.poll();
    await scene.wait(second);
    await polled;
    expect(scene.letters()).toHaveLength(1);
    await scene.live(hiddenFor);
    expect(scene.letters()).toMatchObject([{ taskId, epoch: 2 }]);
    expect(await scene.record(taskId)).toMatchObject({ state: 'FAILURE', attempts: 1, deadLetter: 'sent' });
    expect(scene.runs).toHaveLength(1);
  });

  it('is a cancel: it throws, stands, and says the same when asked again', async () => {
    const scene = setScene(hangs);
    const taskId = await scene.submit();
    void scene.worker().poll();
    await scene.wait(second);
    const api = scene.process();
    api.hearsNothingOf(flagging);
    const request = { tenant: 'acme', taskId, by: 'ann' };
    await expect(cancelTask(api.ports, request)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(await cancelTask(api.ports, request)).toMatchObject({ kind: 'requested' });
    await scene.live(10 * second);
    expect(await scene.record(taskId)).toMatchObject({ state: 'CANCELLED', attempts: 1 });
    expect(await cancelTask(api.ports, request)).toMatchObject({
      kind: 'requested',
      record: { state: 'CANCELLED' },
    });
  });

  it('is the record of a new task: asked again under its id it is the same task, which runs once', async () => {
    const scene = setScene(() => 'done');
    const api = scene.process();
    api.hearsNothingOf(calling('store.create'));
    await expect(submit(api.ports, submission)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(await submit(api.ports, submission)).toMatchObject({
      duplicate: true,
      record: { taskId: 'keyed' },
    });
    await scene.liveUntil(() => scene.runs.length === 1, 90 * second);
    await scene.live(5 * minute);
    expect(scene.runs).toHaveLength(1);
    expect(await scene.history('keyed')).toBe('PENDING STARTED SUCCESS');
  });

  it('is the reconciler putting off its look: the next look sends', async () => {
    const scene = setScene(() => 'done');
    await scene.submit();
    scene.take();
    await scene.wait(30 * second);
    const reconciler = scene.process();
    reconciler.hearsNothingOf(calling('store.moveWake'));
    expect((await scene.reconcile(reconciler)).counts).toMatchObject({ failed: 1, 'hint-sent': 0 });
    await scene.liveUntil(() => scene.runs.length === 1, 2 * minute);
    await scene.live(5 * minute);
    expect(scene.runs).toHaveLength(1);
  });
});

/** Works until it is told to stop. */
async function hangs({ context }: Run): Promise<never> {
  await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
  throw context.signal.reason;
}
