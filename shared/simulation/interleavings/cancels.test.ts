import { describe, expect, it } from 'vitest';
import type { TaskState } from '../../lifecycle/task-record.ts';
import { timings } from '../../lifecycle/timings.ts';
import { type CancelOutcome, cancelTask } from '../../pipeline/cancel-task.ts';
import { entering, flagging, renewing } from './moments.ts';
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
import type { ScriptedProcess } from './scripted-process.ts';

const hangs = () => new Promise(() => undefined);

function cancel(api: ScriptedProcess, taskId: string): Promise<CancelOutcome> {
  return cancelTask(api.ports, { tenant: 'acme', taskId, by: 'ann' });
}

describe('a cancel', () => {
  it('of a task that waits for its next attempt ends it at once; its hidden message is dropped when it shows up', async () => {
    const scene = setScene(() => Promise.reject(new Error('busy')));
    const taskId = await scene.submit();
    await scene.worker().poll();
    expect(await scene.record(taskId)).toMatchObject({ state: 'RETRY' });

    const outcome = await cancel(scene.process(), taskId);
    expect(outcome).toMatchObject({ kind: 'requested', record: { state: 'CANCELLED' } });
    await scene.live(5 * minute);
    expect(scene.refusals).toEqual(['ended']);
    await expectCancelled(scene, taskId, 'PENDING STARTED RETRY CANCELLED');
  });

  it('that the worker cannot see because it died ends the task when its lease is missed: it never runs again', async () => {
    const scene = setScene(hangs);
    const taskId = await scene.submit();
    const worker = scene.worker();
    void worker.poll();
    await scene.wait(20 * second);
    expect(await cancel(scene.process(), taskId)).toMatchObject({
      kind: 'requested',
      record: { state: 'STARTED' },
    });
    worker.die();

    const isCancelled = async () => (await scene.record(taskId)).state === 'CANCELLED';
    await scene.liveUntil(isCancelled, lostWorkerBound);
    await scene.live(hiddenFor);
    await expectCancelled(scene, taskId, 'PENDING STARTED CANCELLED');
    expect(await scene.record(taskId)).toMatchObject({ attempts: 1, lost: 0, claim: 1 });
  });

  it('of a task whose worker is lost already ends it at once, and no outcome of that worker stands any more', async () => {
    const scene = setScene(({ process }: Run) => process.block(50 * second));
    const taskId = await scene.submit();
    void scene.worker().poll();
    await scene.wait(timings.lease);
    const outcome = await cancel(scene.process(), taskId);
    expect(outcome).toMatchObject({ kind: 'requested', record: { state: 'CANCELLED' } });
    await scene.live(hiddenFor);
    expect(scene.events).toContain('superseded');
    await expectCancelled(scene, taskId, 'PENDING STARTED CANCELLED');
  });

  it('is told that the task has ended, if the worker saves SUCCESS first', async () => {
    const scene = setScene(() => 'done');
    const taskId = await scene.submit();
    const worker = scene.worker();
    const started = worker.pausesBefore(entering('SUCCESS'));
    const polling = worker.poll();
    await started.reached;
    const api = scene.process();
    const request = api.pausesBefore(flagging);
    const cancelling = cancel(api, taskId);
    await request.reached;
    started.release();
    await polling;
    request.release();
    expect(await cancelling).toMatchObject({ kind: 'ended', record: { state: 'SUCCESS' } });
    expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', result: { json: '"done"' } });
    expect(await scene.history(taskId)).toBe('PENDING STARTED SUCCESS');
    await scene.live(hiddenFor);
    expect(scene.runs).toHaveLength(1);
  });

  it.each<[TaskState, Work]>([
    ['SUCCESS', () => 'done'],
    ['RETRY', () => Promise.reject(new Error('busy'))],
  ])('stands, if it is saved just before the worker saves %s', async (state, work) => {
    const scene = setScene(work);
    const taskId = await scene.submit();
    const worker = scene.worker();
    const outcome = worker.pausesBefore(entering(state));
    const polling = worker.poll();
    await outcome.reached;
    expect(await cancel(scene.process(), taskId)).toMatchObject({
      kind: 'requested',
      record: { state: 'STARTED' },
    });
    outcome.release();
    await polling;
    await scene.live(hiddenFor);
    await expectCancelled(scene, taskId, 'PENDING STARTED CANCELLED');
  });
});

describe('a renewal, a report of progress and a cancel that meet', () => {
  it.each(['renewal', 'cancel'] as const)(
    'all come through when the %s is saved first; the work stops within seconds',
    async (first) => {
      const scene = setScene(async ({ context, process }: Run) => {
        await process.sleep(15_500);
        context.progress(40, 'halfway');
        await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
        throw context.signal.reason;
      });
      const taskId = await scene.submit();
      const worker = scene.worker();
      const renewal = worker.pausesBefore(renewing);
      void worker.poll();
      await scene.wait(15 * second);
      await renewal.reached;
      const api = scene.process();
      const request = api.pausesBefore(flagging);
      const cancelling = cancel(api, taskId);
      await request.reached;
      // Both have decided on the same record; the report waits behind the renewal in the line of the attempt.
      await scene.wait(500);
      const inOrder = first === 'renewal' ? [renewal, request] : [request, renewal];
      for (const { release } of inOrder) {
        release();
        await scene.wait(0);
      }
      expect(await cancelling).toMatchObject({ kind: 'requested' });
      const isCancelled = async () => (await scene.record(taskId)).state === 'CANCELLED';
      await scene.liveUntil(isCancelled, timings.cancelPoll + timings.cancelGrace);
      expect(await scene.record(taskId)).toMatchObject({
        progress: 40,
        status: 'halfway',
        attempts: 1,
        lost: 0,
      });
      await scene.live(hiddenFor);
      await expectCancelled(scene, taskId, 'PENDING STARTED CANCELLED');
    },
  );
});

/** The task ended CANCELLED after one run, at ann's request, and nothing of it is left anywhere. */
async function expectCancelled(scene: Scene, taskId: string, history: string): Promise<void> {
  expect(await scene.record(taskId)).toMatchObject({
    state: 'CANCELLED',
    cancelRequest: { by: 'ann' },
    wakeAt: null,
  });
  expect(await scene.history(taskId)).toBe(history);
  expect(scene.runs).toHaveLength(1);
  expect(scene.letters()).toEqual([]);
  expect(scene.world.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
}
