import { describe, expect, it, vi } from 'vitest';
import { isRefusal } from '../lifecycle/refusal.ts';
import { timings } from '../lifecycle/timings.ts';
import { cancelTask } from './cancel-task.ts';
import { type FixtureScene, setFixtureScene } from './fixture-scene.ts';
import { retryTask } from './retry-task.ts';
import { saveTransition } from './save-transition.ts';

const claim = { kind: 'claim', epoch: 1 } as const;
const cancel = ({ ports }: FixtureScene, taskId: string, by = 'ada') =>
  cancelTask(ports, { tenant: 'acme', taskId, by });

/** What a worker leaves behind that dies right after its claim. */
async function claimAndDie({ ports, record }: FixtureScene, taskId: string): Promise<void> {
  const claimed = await saveTransition(ports, await record(taskId), claim);
  if (isRefusal(claimed)) throw new Error(claimed.refused);
}

describe('the cancel of a waiting task', () => {
  it('ends it at once, and its message runs nothing', async () => {
    const scene = setFixtureScene();
    const taskId = await scene.submit({ mode: 'ok' });
    const now = scene.ports.clock.now();
    expect(await cancel(scene, taskId)).toMatchObject({
      kind: 'requested',
      record: { state: 'CANCELLED', finishedAt: now, cancelRequest: { at: now, by: 'ada' } },
    });
    await scene.worker.poll();
    expect(scene.runs.contexts).toEqual([]);
    expect(scene.worker.events).toMatchObject([{ kind: 'refused', reason: 'ended' }]);
    expect(scene.ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  });

  it('ends one that waits for its next attempt', async () => {
    const scene = setFixtureScene();
    const taskId = await scene.submit({ mode: 'fail' });
    await scene.worker.poll();
    await cancel(scene, taskId);
    await scene.ports.clock.advance(60_000);
    await scene.worker.poll();
    expect(scene.runs.contexts).toHaveLength(1);
    expect(await scene.record(taskId)).toMatchObject({ state: 'CANCELLED', attempts: 1 });
  });

  it('and a claim at the same moment: one comes first, and it ends CANCELLED', async () => {
    const scene = setFixtureScene();
    const taskId = await scene.submit({ mode: 'hang' });
    const polled = scene.worker.poll();
    expect(await cancel(scene, taskId)).toMatchObject({ kind: 'requested' });
    await scene.ports.clock.advance(timings.cancelPoll + timings.cancelGrace);
    await polled;
    expect(await scene.record(taskId)).toMatchObject({ state: 'CANCELLED' });
  });
});

describe('the cancel of a running task', () => {
  it('asks it to stop within five seconds, and lets it end in order', async () => {
    const scene = setFixtureScene();
    const { ports, runs, worker } = scene;
    const tidied = vi.fn(async () => 'tidied');
    runs.onRun(async ({ signal, progress, step }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      progress(70, 'tidying up');
      await step('tidy', tidied);
      signal.throwIfAborted();
    });
    const taskId = await scene.submit({ mode: 'ok' });
    const polled = worker.poll();
    await ports.clock.advance(30_001);
    expect(await cancel(scene, taskId)).toMatchObject({ record: { state: 'STARTED' } });
    expect(runs.contexts[0]?.signal.aborted).toBe(false);
    const asked = ports.clock.now();
    await ports.clock.advance(5000);
    await polled;
    expect(runs.contexts[0]?.signal.reason).toMatchObject({ name: 'TaskCancelled' });
    const ended = await scene.record(taskId);
    expect(ended).toMatchObject({ state: 'CANCELLED', progress: 70, status: 'tidying up', attempts: 1 });
    expect(ended.state === 'CANCELLED' && ended.finishedAt - asked).toBeLessThanOrEqual(5000);
    expect(tidied).toHaveBeenCalledOnce();
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
    expect(worker.events.at(-1)).toMatchObject({ kind: 'ended', record: { state: 'CANCELLED' } });
  });

  it.each(['ok', 'fail', 'permanent', 'retry-after', 'unstorable'])(
    'wins over an attempt that comes to its end meanwhile: %s',
    async (mode) => {
      const scene = setFixtureScene();
      scene.runs.onRun(async () => void (await cancel(scene, taskId)));
      const taskId = await scene.submit({ mode, seconds: 5 });
      await scene.worker.poll();
      expect(await scene.record(taskId)).toMatchObject({ state: 'CANCELLED', attempts: 1 });
      expect(scene.ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
      expect(scene.ports.queue.deadLetters('default')).toEqual([]);
    },
  );

  it('is noticed at once when the task tells its progress', async () => {
    const scene = setFixtureScene();
    const taskId = await scene.submit({ mode: 'hang' });
    const polled = scene.worker.poll();
    await scene.ports.clock.advance(1000);
    await cancel(scene, taskId);
    scene.runs.contexts[0]?.progress(10, 'going on');
    await scene.ports.clock.advance(0);
    expect(scene.runs.contexts[0]?.signal.reason).toMatchObject({ name: 'TaskCancelled' });
    await scene.ports.clock.advance(timings.cancelGrace);
    await polled;
  });

  it('is noticed at the renewal of the lease while the record cannot be read', async () => {
    const scene = setFixtureScene();
    const taskId = await scene.submit({ mode: 'hang' });
    const polled = scene.worker.poll();
    await scene.ports.clock.advance(1000);
    await cancel(scene, taskId);
    vi.spyOn(scene.ports.store, 'read').mockRejectedValue(new Error('the store is down'));
    await scene.ports.clock.advance(timings.renewEvery - 1001);
    expect(scene.runs.contexts[0]?.signal.aborted).toBe(false);
    await scene.ports.clock.advance(1);
    expect(scene.runs.contexts[0]?.signal.reason).toMatchObject({ name: 'TaskCancelled' });
    await scene.ports.clock.advance(timings.cancelGrace);
    await polled;
  });

  it('cuts it off when it ignores that, and sets no further timer', async () => {
    const scene = setFixtureScene();
    const taskId = await scene.submit({ mode: 'hang' });
    const polled = scene.worker.poll();
    await scene.ports.clock.advance(0);
    await cancel(scene, taskId);
    await scene.ports.clock.advance(timings.cancelPoll + timings.cancelGrace - 1);
    expect(await scene.record(taskId)).toMatchObject({ state: 'STARTED' });
    await scene.ports.clock.advance(1);
    await polled;
    expect(await scene.record(taskId)).toMatchObject({ state: 'CANCELLED' });
    expect(() => scene.runs.contexts[0]?.progress(50, 'still here')).toThrow('is over');
    expect(scene.ports.clock.nextTimer()).toBeNull();
  });

  it('wins over the end of the invocation', async () => {
    const scene = setFixtureScene({ runMs: timings.cancelPoll + 1 });
    const taskId = await scene.submit({ mode: 'hang' });
    const polled = scene.worker.poll();
    await scene.ports.clock.advance(0);
    await cancel(scene, taskId);
    await scene.ports.clock.advance(timings.cancelPoll + 1);
    await polled;
    expect(await scene.record(taskId)).toMatchObject({ state: 'CANCELLED' });
    expect(scene.ports.clock.nextTimer()).toBeNull();
  });

  it('cuts it off too when it had passed its soft limit before', async () => {
    const scene = setFixtureScene();
    const taskId = await scene.submit({ mode: 'hang' });
    const polled = scene.worker.poll();
    await scene.ports.clock.advance(200_000);
    await cancel(scene, taskId);
    await scene.ports.clock.advance(timings.cancelPoll + timings.cancelGrace);
    await polled;
    expect(await scene.record(taskId)).toMatchObject({ state: 'CANCELLED' });
    expect(scene.ports.clock.nextTimer()).toBeNull();
  });
});

describe('the cancel of a task whose worker is lost', () => {
  it('ends it at once', async () => {
    const scene = setFixtureScene();
    const taskId = await scene.submit({ mode: 'ok' });
    await claimAndDie(scene, taskId);
    await scene.ports.clock.advance(timings.lease);
    expect(await cancel(scene, taskId)).toMatchObject({ kind: 'requested', record: { state: 'CANCELLED' } });
    await scene.worker.poll();
    expect(scene.runs.contexts).toEqual([]);
  });

  it('before anybody knew ends it when the next worker comes, without running it', async () => {
    const scene = setFixtureScene();
    const taskId = await scene.submit({ mode: 'ok' });
    await claimAndDie(scene, taskId);
    expect(await cancel(scene, taskId)).toMatchObject({ record: { state: 'STARTED' } });
    await scene.ports.clock.advance(timings.lease);
    await scene.worker.poll();
    expect(scene.runs.contexts).toEqual([]);
    expect(await scene.record(taskId)).toMatchObject({ state: 'CANCELLED', claim: 1, lost: 0 });
    expect(scene.worker.events).toMatchObject([{ kind: 'ended', record: { state: 'CANCELLED' } }]);
  });

  it('and that comes back: it notices, and gives way', async () => {
    const scene = setFixtureScene();
    const taskId = await scene.submit({ mode: 'hang' });
    const polled = scene.worker.poll();
    await scene.ports.clock.advance(0);
    const held = await scene.record(taskId);
    if (held.state !== 'STARTED') throw new Error('not started');
    const over = { ...held, leaseUntil: scene.ports.clock.now(), version: held.version + 1, writer: 'test' };
    await scene.ports.store.save(over, held, { wakeBy: null });
    expect(await cancel(scene, taskId)).toMatchObject({ record: { state: 'CANCELLED' } });
    await scene.ports.clock.advance(timings.cancelPoll);
    await polled;
    expect(scene.worker.events.at(-1)).toMatchObject({ kind: 'superseded' });
    expect(scene.runs.contexts[0]?.signal.aborted).toBe(true);
    expect(await scene.record(taskId)).toMatchObject({ state: 'CANCELLED' });
  });
});

describe('a cancel that changes nothing', () => {
  it('because it was asked for before says so again, in the name of the first', async () => {
    const scene = setFixtureScene();
    const waiting = await scene.submit({ mode: 'ok' });
    const running = await scene.submit({ mode: 'ok' });
    await claimAndDie(scene, running);
    for (const taskId of [waiting, running]) {
      const first = await cancel(scene, taskId);
      expect(first).toMatchObject({ kind: 'requested', record: { cancelRequest: { by: 'ada' } } });
      expect(await cancel(scene, taskId, 'bob')).toEqual(first);
    }
  });

  it.each([
    ['ok', 'SUCCESS'],
    ['permanent', 'FAILURE'],
  ])('because the task ended says how: %s', async (mode, state) => {
    const scene = setFixtureScene();
    const taskId = await scene.submit({ mode });
    await scene.worker.poll();
    expect(await cancel(scene, taskId)).toMatchObject({ kind: 'ended', record: { state } });
    expect(await scene.record(taskId)).toMatchObject({ state });
  });

  it('because there is no such task, it is of another tenant, or its record has expired', async () => {
    const scene = setFixtureScene();
    const { ports } = scene;
    const taskId = await scene.submit({ mode: 'ok' });
    expect(await cancel(scene, 'nobody')).toEqual({ kind: 'unknown' });
    expect(await cancelTask(ports, { tenant: 'other', taskId, by: 'eve' })).toEqual({ kind: 'unknown' });
    expect(await scene.record(taskId)).toMatchObject({ state: 'PENDING' });
    await scene.worker.poll();
    await ports.clock.advance(timings.keepSucceeded);
    expect(await cancel(scene, taskId)).toEqual({ kind: 'unknown' });
  });
});

it('a cancel that meets a task between two lives cancels the new one', async () => {
  const scene = setFixtureScene();
  const { ports } = scene;
  const taskId = await scene.submit({ mode: 'permanent' });
  await scene.worker.poll();
  const { read } = ports.store;
  vi.spyOn(ports.store, 'read').mockImplementationOnce(async (id) => {
    const failed = await read(id);
    await retryTask({ ...ports, store: { ...ports.store, read } }, { tenant: 'acme', taskId, by: 'bob' });
    return failed;
  });
  const outcome = await cancel(scene, taskId);
  const left = await scene.record(taskId);
  // Either the old life had ended and stays so, or the new one is cancelled: never "requested" and then run.
  expect(outcome).toMatchObject({ kind: 'requested', record: { state: 'CANCELLED', epoch: 2 } });
  expect(left).toMatchObject({ state: 'CANCELLED', epoch: 2 });
});
