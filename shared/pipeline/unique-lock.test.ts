import { describe, expect, it, vi } from 'vitest';
import { LockTaken } from '../ports/task-store.ts';
import { cancelTask } from './cancel-task.ts';
import { fixtureTask } from './fixture-task.ts';
import { reconcile } from './reconcile.ts';
import { retryTask } from './retry-task.ts';
import { uniqueKeyOf } from './unique-lock.ts';
import { convertTask, setUniqueScene, type UniqueScene } from './unique-scene.ts';

const retry = ({ ports }: UniqueScene, taskId: string, input?: unknown) =>
  retryTask(ports, {
    ...{ tenant: 'acme', taskId, by: 'ada' },
    ...(input !== undefined && { edited: { spec: convertTask, input } }),
  });
const waiting = ({ ports }: UniqueScene) => ports.queue.depth('default').visible;

describe('the lock of a task', () => {
  it('is told apart by tenant, task and what the spec names', () => {
    const renamed = { ...convertTask, name: 'other' };
    const keys = [
      uniqueKeyOf(convertTask, 'acme', { item: 'a', fails: false }),
      uniqueKeyOf(convertTask, 'acme', { item: 'b', fails: false }),
      uniqueKeyOf(convertTask, 'other', { item: 'a', fails: false }),
      uniqueKeyOf(renamed, 'acme', { item: 'a', fails: false }),
    ];
    expect(new Set(keys).size).toBe(4);
    expect(uniqueKeyOf(convertTask, 'acme', { item: 'a', fails: true })).toBe(keys[0]);
    expect(uniqueKeyOf(fixtureTask, 'acme', { mode: 'ok' })).toBeNull();
  });
});

describe('a second submission', () => {
  it('while the first waits or runs is answered with that, and nothing is stored or sent', async () => {
    const scene = setUniqueScene();
    const first = await scene.convert('map');
    // What the spec accepts counts, not how it was written.
    expect(await scene.convert(' map ')).toEqual({ record: first.record, sendError: null, duplicate: true });
    expect([scene.ports.store.records().length, waiting(scene)]).toEqual([1, 1]);
    const other = await scene.convert('plan');
    const foreign = await scene.convert('map', { tenant: 'other' });
    expect([other.duplicate, foreign.duplicate]).toEqual([false, false]);
    await scene.worker.poll();
    expect(scene.converted.toSorted()).toEqual(['map', 'map', 'plan']);
  });

  it('at the same moment is answered with the one that came first', async () => {
    const scene = setUniqueScene();
    const all = await Promise.all(['1', '2', '3'].map(() => scene.convert('map')));
    expect(all.map(({ duplicate }) => duplicate).sort()).toEqual([false, true, true]);
    expect(new Set(all.map(({ record }) => record.taskId)).size).toBe(1);
    expect([scene.ports.store.records().length, waiting(scene)]).toEqual([1, 1]);
  });

  it('commits its own writes or none: those of a duplicate are not made', async () => {
    const scene = setUniqueScene();
    const write = (sk: string) => {
      const key = { pk: 'acme', sk };
      return { table: 'items', key, item: { ...key }, onlyIf: 'absent' } as const;
    };
    await scene.convert('map', { alongside: [write('first')] });
    await scene.convert('map', { alongside: [write('second')] });
    const written = (sk: string) => scene.ports.store.entity('items', { pk: 'acme', sk });
    expect([written('first'), written('second')]).toEqual([{ pk: 'acme', sk: 'first' }, null]);
  });

  it.each(['SUCCESS', 'FAILURE', 'CANCELLED'])(
    'after the first has ended %s is a task of its own',
    async (state) => {
      const scene = setUniqueScene();
      const { record } = await scene.convert('map', { fails: state === 'FAILURE' });
      const { taskId, tenant } = record;
      if (state === 'CANCELLED') await cancelTask(scene.ports, { taskId, tenant, by: 'ada' });
      else await scene.worker.poll();
      expect(await scene.record(taskId)).toMatchObject({ state });
      expect(await scene.convert('map')).toMatchObject({ duplicate: false });
      expect(await scene.convert('map')).toMatchObject({ duplicate: true });
    },
  );

  it('is a task of its own when the record of the first is gone', async () => {
    const scene = setUniqueScene();
    const first = await scene.convert('map');
    const { read } = scene.ports.store;
    vi.spyOn(scene.ports.store, 'read').mockImplementation(async (id) =>
      id === first.record.taskId ? null : read(id),
    );
    const second = await scene.convert('map');
    expect(second.duplicate).toBe(false);
    expect((await scene.convert('map')).record).toEqual(second.record);
  });

  it('is a task of its own when the first has other arguments by now', async () => {
    const scene = setUniqueScene();
    const first = await scene.convertInVain('map');
    expect(await retry(scene, first, { item: 'plan' })).toMatchObject({ kind: 'accepted' });
    expect(await scene.convert('map')).toMatchObject({ duplicate: false });
    expect(await scene.convert('plan')).toMatchObject({ duplicate: true, record: { taskId: first } });
  });

  it('looks again when the lock was taken just before it', async () => {
    const scene = setUniqueScene();
    const { create } = scene.ports.store;
    const spy = vi.spyOn(scene.ports.store, 'create').mockImplementationOnce(async (...args) => {
      await scene.convert('map');
      return create(...args);
    });
    expect(await scene.convert('map')).toMatchObject({ duplicate: true });
    expect(spy).toHaveBeenCalledTimes(2);
    expect([scene.ports.store.records().length, waiting(scene)]).toEqual([1, 1]);
  });

  it('knows its own lock again when the reply to its first try was lost', async () => {
    const scene = setUniqueScene();
    const { create } = scene.ports.store;
    vi.spyOn(scene.ports.store, 'create').mockImplementationOnce(async (...args) => {
      await create(...args);
      throw new LockTaken('taken by this very task');
    });
    expect(await scene.convert('map')).toMatchObject({ duplicate: false });
    expect([scene.ports.store.records().length, waiting(scene)]).toEqual([1, 1]);
  });

  it('gives up when the lock was taken at every try', async () => {
    const scene = setUniqueScene();
    const create = vi.spyOn(scene.ports.store, 'create').mockRejectedValue(new LockTaken('taken'));
    await expect(scene.convert('map')).rejects.toThrow(LockTaken);
    expect(create).toHaveBeenCalledTimes(10);
  });
});

describe('a submission with an id and a lock', () => {
  it('means the task of that id, even when another holds the lock by now', async () => {
    const scene = setUniqueScene();
    const first = await scene.convert('map', { taskId: 'mine' });
    expect(await scene.convert('map', { taskId: 'mine' })).toEqual({ ...first, duplicate: true });
    await scene.worker.poll();
    const second = await scene.convert('map');
    expect(second.duplicate).toBe(false);
    const again = await scene.convert('map', { taskId: 'mine' });
    expect(again).toMatchObject({ duplicate: true, record: { taskId: 'mine', state: 'SUCCESS' } });
    await expect(scene.convert('map', { taskId: 'mine', digest: 'other' })).rejects.toMatchObject({
      name: 'KeyReused',
    });
  });

  it('means the holder when it is new itself, or its own record has expired', async () => {
    const scene = setUniqueScene();
    await scene.convert('map', { taskId: 'mine' });
    await scene.worker.poll();
    const expired = await scene.record('mine');
    if (expired.state !== 'SUCCESS') throw new Error(expired.state);
    await scene.ports.clock.advance(expired.expiresAt - scene.ports.clock.now() - 1);
    const { record } = await scene.convert('map');
    expect(await scene.convert('map', { taskId: 'mine' })).toMatchObject({ record: { taskId: 'mine' } });
    await scene.ports.clock.advance(1);
    for (const taskId of ['mine', 'new']) {
      expect(await scene.convert('map', { taskId, digest: 'x' })).toMatchObject({
        ...{ duplicate: true, record: { taskId: record.taskId } },
      });
    }
  });
});

describe('a failed task whose lock another one has taken', () => {
  it('is not retried, until that has ended', async () => {
    const scene = setUniqueScene();
    const failed = await scene.convertInVain('map');
    await scene.convert('map');
    expect(await retry(scene, failed)).toMatchObject({ kind: 'refused', reason: 'lock-held' });
    expect(await scene.record(failed)).toMatchObject({ state: 'FAILURE', epoch: 1 });
    await scene.worker.poll();
    expect(await retry(scene, failed)).toMatchObject({ kind: 'accepted', record: { epoch: 2 } });
    expect(await scene.convert('map')).toMatchObject({ duplicate: true, record: { taskId: failed } });
  });

  it('is retried with other arguments, which have a lock of their own', async () => {
    const scene = setUniqueScene();
    const failed = await scene.convertInVain('map');
    const { record } = await scene.convert('map');
    expect(await retry(scene, failed, { item: 'map' })).toMatchObject({ reason: 'lock-held' });
    expect(await retry(scene, failed, { item: 'plan' })).toMatchObject({ kind: 'accepted' });
    expect(await scene.convert('map')).toMatchObject({ record: { taskId: record.taskId } });
  });

  it('says first why it could not be retried anyway', async () => {
    const scene = setUniqueScene();
    const { record } = await scene.convert('map');
    await scene.worker.poll();
    await scene.convert('map');
    expect(await retry(scene, record.taskId)).toMatchObject({ reason: 'succeeded' });
  });

  it('and another failed one are retried at once: one of them runs', async () => {
    const scene = setUniqueScene();
    const failed = [await scene.convertInVain('map'), await scene.convertInVain('map')];
    const outcomes = await Promise.all(failed.map((taskId) => retry(scene, taskId)));
    expect(outcomes.map((outcome) => ('reason' in outcome ? outcome.reason : outcome.kind)).sort()).toEqual([
      'accepted',
      'lock-held',
    ]);
    expect(waiting(scene)).toBe(1);
  });

  it('gives up when the lock is taken at every try', async () => {
    const scene = setUniqueScene();
    const failed = await scene.convertInVain('map');
    const save = vi.spyOn(scene.ports.store, 'save').mockRejectedValue(new LockTaken('taken'));
    await expect(retry(scene, failed)).rejects.toThrow(LockTaken);
    expect(save).toHaveBeenCalledTimes(10);
  });

  it('keeps its dead letter, which goes back to the dead-letter queue as it was', async () => {
    const scene = setUniqueScene();
    const { ports, worker } = scene;
    const failed = await scene.convertInVain('map');
    const letters = ports.queue.deadLetters('default');
    expect(letters).toHaveLength(1);
    const { record } = await scene.convert('map', { fails: true });
    for (const delivery of ports.queue.receive('default')) ports.queue.remove(delivery);

    ports.queue.redriveDeadLetters('default');
    await worker.poll();
    expect(worker.events.at(-1)).toEqual({ kind: 'refused', taskId: failed, reason: 'lock-held' });
    expect(ports.queue.deadLetters('default')).toEqual(letters);
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
    expect(await scene.record(failed)).toMatchObject({ state: 'FAILURE', epoch: 1, deadLetter: 'sent' });

    await cancelTask(ports, { tenant: 'acme', taskId: record.taskId, by: 'ada' });
    ports.queue.redriveDeadLetters('default');
    await worker.poll();
    expect(await scene.record(failed)).toMatchObject({ epoch: 2, attempts: 1 });
  });
});

it('a task whose message was lost holds its lock, however long it waits', async () => {
  const scene = setUniqueScene();
  const { record } = await scene.convert('map');
  for (const delivery of scene.ports.queue.receive('default')) scene.ports.queue.remove(delivery);
  await scene.ports.clock.advance(60 * 24 * 3_600_000);
  expect(await scene.convert('map')).toMatchObject({ duplicate: true, record: { taskId: record.taskId } });
  await reconcile(scene.ports, { deadline: Number.POSITIVE_INFINITY });
  await scene.worker.poll();
  expect(scene.converted).toEqual(['map']);
});
