import { describe, expect, it } from 'vitest';
import { timings } from '../../lifecycle/timings.ts';
import { retryTask } from '../../pipeline/retry-task.ts';
import { submit } from '../../pipeline/submit.ts';
import { PermanentError } from '../../tasks/task-errors.ts';
import { calling, reopening } from './moments.ts';
import { hiddenFor, minute, type Run, sceneTask, second, setScene, type Work } from './scene.ts';

const fails: Work = () => Promise.reject(new PermanentError('no'));

describe('a submission', () => {
  it('whose process dies between the record and the message is sent by the reconciler within 90 s', async () => {
    const scene = setScene(() => 'done');
    const api = scene.process();
    api.diesBefore(calling('queue.send'));
    void submit(api.ports, { spec: sceneTask, input: {}, tenant: 'acme', taskId: 'keyed' });
    await api.death;
    expect(scene.world.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });

    await scene.liveUntil(() => scene.runs.length === 1, 90 * second);
    expect(await scene.record('keyed')).toMatchObject({ state: 'SUCCESS', attempts: 1, claim: 1 });
    await scene.live(5 * minute);
    expect(scene.runs).toHaveLength(1);
  });

  it('that comes twice at once under one id is one task', async () => {
    const scene = setScene(() => 'done');
    const apis = [scene.process(), scene.process()];
    const creates = apis.map((api) => api.pausesBefore(calling('store.create')));
    const submission = { spec: sceneTask, input: {}, tenant: 'acme', taskId: 'keyed', digest: 'a' };
    const accepting = apis.map((api) => submit(api.ports, submission));
    for (const { reached } of creates) await reached;
    for (const { release } of creates) release();
    const accepted = await Promise.all(accepting);
    expect(accepted.map(({ duplicate }) => duplicate)).toEqual([false, true]);
    await scene.live(5 * minute);
    expect(scene.runs).toHaveLength(1);
    expect(await scene.history('keyed')).toBe('PENDING STARTED SUCCESS');
  });

  it('under a key whose record has expired is a new task, which finds no steps of the old one', async () => {
    const effects: string[] = [];
    const scene = setScene(
      async ({ context }: Run) => {
        await context.step('charge', async () => effects.push('old'));
        throw new Error('busy');
      },
      () => 'old',
      // The first attempt looks for no steps, so it takes a second one to find what does not belong to this task.
      () => Promise.reject(new Error('busy')),
      ({ context }: Run) => context.step('charge', async () => effects.push('new')),
    );
    const taskId = await scene.submit({ taskId: 'keyed', digest: 'a' });
    await scene.live(2 * minute);
    expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 2 });
    const reuse = scene.submit({ taskId: 'keyed', digest: 'b' });
    await expect(reuse).rejects.toMatchObject({ name: 'KeyReused' });

    await scene.wait(timings.keepSucceeded);
    const submission = { spec: sceneTask, input: {}, tenant: 'acme', taskId: 'keyed', digest: 'b' };
    const { duplicate, record } = await submit(scene.process().ports, submission);
    expect({ duplicate, createdAt: record.createdAt }).toEqual({
      duplicate: false,
      createdAt: scene.world.clock.now(),
    });
    await scene.live(2 * minute);
    expect(effects).toEqual(['old', 'new']);
    expect(await scene.record(taskId)).toMatchObject({
      state: 'SUCCESS',
      attempts: 2,
      result: { json: '2' },
    });
    expect(await scene.history(taskId)).toBe('PENDING STARTED RETRY STARTED SUCCESS');
  });
});

describe('a retry through the API', () => {
  it.each([
    ['before the epoch has begun', 0],
    ['while the epoch runs', 5 * second],
    ['after the epoch has ended', minute],
  ])('of a task whose old message still flies and lands %s: that is dropped', async (_, landsAfter) => {
    const scene = setScene(fails, async ({ process }: Run) => {
      await process.sleep(10 * second);
      return 'done';
    });
    const taskId = await scene.submit();
    await scene.world.queue.send('default', { v: 1, taskId, epoch: 1 }, { delaySeconds: 0, group: 'acme' });
    const [message, old] = scene.take();
    if (!message || !old) throw new Error('there should be two messages');
    await scene.worker().poll([message]);
    const api = scene.process();
    const save = api.pausesAfter(reopening);
    const retrying = retryTask(api.ports, { tenant: 'acme', taskId, by: 'ann' });
    await save.reached;
    if (landsAfter === 0) await scene.worker().poll([old]);
    save.release();
    expect(await retrying).toMatchObject({ kind: 'accepted', record: { epoch: 2, state: 'PENDING' } });
    await scene.live(landsAfter);
    if (landsAfter > 0) await scene.worker().poll([old]);

    await scene.live(hiddenFor);
    expect(scene.refusals).toEqual(['stale-epoch']);
    expect(scene.runs).toHaveLength(2);
    expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', epoch: 2, attempts: 1, lost: 0 });
    expect(await scene.history(taskId)).toBe('PENDING STARTED FAILURE PENDING/2 STARTED/2 SUCCESS/2');
    expect(scene.letters()).toEqual([]);
  });

  it('that two people ask for at once opens one epoch', async () => {
    const scene = setScene(fails, () => 'done');
    const taskId = await scene.submit();
    await scene.worker().poll();
    const apis = [scene.process(), scene.process()];
    const saves = apis.map((api) => api.pausesBefore(reopening));
    const retrying = apis.map((api) => retryTask(api.ports, { tenant: 'acme', taskId, by: 'ann' }));
    for (const { reached } of saves) await reached;
    for (const { release } of saves) release();
    expect(await Promise.all(retrying)).toMatchObject([
      { kind: 'accepted' },
      { kind: 'refused', reason: 'stale-epoch' },
    ]);
    await scene.live(minute);
    expect(scene.runs).toHaveLength(2);
    expect(await scene.history(taskId)).toBe('PENDING STARTED FAILURE PENDING/2 STARTED/2 SUCCESS/2');
  });

  it('whose process dies before it has sent the message is sent by the reconciler within 90 s', async () => {
    const scene = setScene(fails, () => 'done');
    const taskId = await scene.submit();
    await scene.worker().poll();
    const api = scene.process();
    api.diesAfter(reopening);
    void retryTask(api.ports, { tenant: 'acme', taskId, by: 'ann' });
    await api.death;
    await scene.liveUntil(() => scene.runs.length === 2, 90 * second);
    expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', epoch: 2, attempts: 1 });
  });
});
