import { beforeEach, describe, expect, it } from 'vitest';
import { type LockHolder, LockTaken, type TaskStore } from '../ports/task-store.ts';
import { fixtureTime, recordIn, successor } from './record-fixtures.ts';
import type { AlongsideScene } from './task-store-alongside.ts';

const key = 'a7c1f0e2-4b57-8b57-a6a5-6a0d1b7c9e42';
const pending = recordIn('PENDING', { uniqueKey: key });
const rival = recordIn('PENDING', { uniqueKey: key, taskId: 'a-rival', writer: 'rival-writer' });
const ownHold = { taskId: pending.taskId, epoch: 1 };
const rivalHold = { taskId: rival.taskId, epoch: 1 };
const taking = (from: LockHolder | null) => ({ lock: { key, from } });

/** The part of the contract about unique locks, taken together with a record. */
export function describeLocks(makeScene: () => Promise<AlongsideScene>): void {
  let scene: AlongsideScene;
  let store: TaskStore;
  const begin = async () => {
    scene = await makeScene();
    store = scene.store;
  };

  describe('create with a lock', () => {
    beforeEach(begin);

    it('reads null where nobody ever took the lock', async () => {
      await store.create(pending, { lock: { key: 'another', from: null } });
      expect(await store.readLock(key)).toBeNull();
    });

    it('stores the record and takes the lock', async () => {
      expect(await store.create(pending, taking(null))).toEqual({ saved: true });
      expect(await store.read(pending.taskId)).toEqual(pending);
      expect(await store.readLock(key)).toEqual(ownHold);
    });

    it('takes no lock when it is asked for none', async () => {
      await store.create(pending, { lock: null });
      expect(await store.readLock(key)).toBeNull();
    });

    it('takes over a lock that is as it was seen', async () => {
      await store.create(rival, taking(null));
      expect(await store.create(pending, taking(rivalHold))).toEqual({ saved: true });
      expect(await store.readLock(key)).toEqual(ownHold);
    });

    it.each([
      ['nobody had', null],
      ['another task had', { taskId: 'somebody-else', epoch: 1 }],
      ['another epoch had', { ...rivalHold, epoch: 2 }],
    ])('is refused, record and all, when it saw a lock that %s', async (_, from) => {
      await store.create(rival, taking(null));
      await expect(store.create(pending, taking(from))).rejects.toBeInstanceOf(LockTaken);
      expect(await store.read(pending.taskId)).toBeNull();
      expect(await store.readLock(key)).toEqual(rivalHold);
    });

    it('is refused when the lock that it saw is gone', async () => {
      await expect(store.create(pending, taking(rivalHold))).rejects.toThrow(key);
      expect(await store.read(pending.taskId)).toBeNull();
      expect(await store.readLock(key)).toBeNull();
    });

    it('lets exactly one of several through that saw the lock free', async () => {
      const ids = ['a', 'b', 'c', 'd'];
      const tries = await Promise.allSettled(
        ids.map((taskId) => store.create({ ...pending, taskId, writer: taskId }, taking(null))),
      );
      const records = await Promise.all(ids.map((taskId) => store.read(taskId)));
      const through = records.filter((record) => record !== null);
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(through).toHaveLength(1);
      expect(await store.readLock(key)).toEqual({ taskId: through[0]?.taskId, epoch: 1 });
      for (const lost of tries.filter((one) => one.status === 'rejected')) {
        expect(lost.reason).toBeInstanceOf(LockTaken);
      }
    });

    it('tells of a taken id rather than of a taken lock, and takes none', async () => {
      await store.create(rival, taking(null));
      const other = { ...rival, writer: 'somebody-else' };
      expect(await store.create(other, taking(null))).toEqual({ saved: false, current: rival });
      const free = { lock: { key: 'a-free-lock', from: null } };
      expect(await store.create(other, free)).toEqual({ saved: false, current: rival });
      expect(await store.readLock('a-free-lock')).toBeNull();
    });

    it('is told as saved when its reply was lost, though the lock is no longer as it was seen', async () => {
      await store.create(pending, taking(null));
      expect(await store.create(pending, taking(null))).toEqual({ saved: true });
    });

    it('replaces a record that had expired, together with its lock', async () => {
      const expired = recordIn('SUCCESS', { uniqueKey: key, expiresAt: fixtureTime, writer: 'earlier' });
      await store.create(expired, taking(null));
      await expect(store.create(pending, taking(null))).rejects.toBeInstanceOf(LockTaken);
      expect(await store.read(pending.taskId)).toEqual(expired);
      expect(await store.create(pending, taking(ownHold))).toEqual({ saved: true });
      expect(await store.read(pending.taskId)).toEqual(pending);
    });

    it('makes no write alongside when the lock is taken, and takes no lock when such a write is refused', async () => {
      const place = { pk: 'tenant#acme', sk: 'location#denver' };
      const alongside = [{ table: scene.table, key: place, item: place, onlyIf: 'absent' as const }];
      await store.create(rival, taking(null));
      await expect(store.create(pending, { alongside, ...taking(null) })).rejects.toBeInstanceOf(LockTaken);
      expect(await scene.entity(place)).toBeNull();
      expect(await store.create(pending, { alongside, ...taking(rivalHold) })).toEqual({ saved: true });
      const second = { ...rival, taskId: 'second' };
      const refused = store.create(second, { alongside, ...taking(ownHold) });
      await expect(refused).rejects.toMatchObject({ name: 'AlongsideRefused' });
      expect(await store.readLock(key)).toEqual(ownHold);
      // Both at once: the lock's holder may be this very request, sent before.
      await expect(store.create(second, { alongside, ...taking(null) })).rejects.toBeInstanceOf(LockTaken);
    });
  });

  describe('save with a lock', () => {
    const failed = successor(pending, recordIn('FAILURE', { uniqueKey: key }));
    const reopened = successor(failed, recordIn('PENDING', { uniqueKey: key, epoch: 2 }));
    const reopen = (from: LockHolder | null, wakeBy: number | null = null) =>
      store.save(reopened, failed, { wakeBy, ...taking(from) });
    beforeEach(async () => {
      await begin();
      await store.create(pending, taking(null));
      await store.save(failed, pending, { wakeBy: null });
    });

    it('lets the new epoch hold the lock', async () => {
      expect(await reopen(ownHold)).toEqual({ saved: true });
      expect(await store.read(pending.taskId)).toEqual(reopened);
      expect(await store.readLock(key)).toEqual({ ...ownHold, epoch: 2 });
    });

    it('leaves the lock alone when it asks for none', async () => {
      await store.save(reopened, failed, { wakeBy: null, lock: null });
      expect(await store.readLock(key)).toEqual(ownHold);
    });

    it('is refused, record and all, when another task has taken the lock since', async () => {
      await store.create(rival, taking(ownHold));
      await expect(reopen(ownHold)).rejects.toBeInstanceOf(LockTaken);
      expect(await store.read(pending.taskId)).toEqual(failed);
      expect(await store.readLock(key)).toEqual(rivalHold);
    });

    it('lets either the reopened task have the lock or the new one', async () => {
      const tries = await Promise.allSettled([reopen(ownHold), store.create(rival, taking(ownHold))]);
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const created = await store.read(rival.taskId);
      expect(await store.read(pending.taskId)).toEqual(created === null ? reopened : failed);
      expect(await store.readLock(key)).toEqual(created === null ? { ...ownHold, epoch: 2 } : rivalHold);
    });

    it('tells of a stale version rather than of a taken lock, and takes none', async () => {
      const other = successor(failed, reopened, 'somebody-else');
      await store.save(other, failed, { wakeBy: null, ...taking(ownHold) });
      expect(await reopen(ownHold)).toEqual({ saved: false, current: other });
      const free = { key: 'a-free-lock', from: null };
      expect(await store.save(reopened, failed, { wakeBy: null, lock: free })).toEqual({
        saved: false,
        current: other,
      });
      expect(await store.readLock('a-free-lock')).toBeNull();
    });

    it('is told as saved when its reply was lost, though the lock is its own by now', async () => {
      await reopen(ownHold);
      expect(await reopen(ownHold)).toEqual({ saved: true });
      expect(await store.read(pending.taskId)).toEqual(reopened);
    });

    it('is refused when nobody would look in time, and takes no lock', async () => {
      const unmoved = { ...reopened, wakeAt: failed.wakeAt };
      const options = { wakeBy: Number(failed.wakeAt) - 1, ...taking(ownHold) };
      expect(await store.save(unmoved, failed, options)).toEqual({ saved: false, current: failed });
      expect(await store.readLock(key)).toEqual(ownHold);
    });

    it('does not bring a record back that is gone, and takes no lock', async () => {
      const gone = { ...failed, taskId: 'deleted' };
      const saved = await store.save({ ...reopened, taskId: 'deleted' }, gone, {
        wakeBy: null,
        ...taking(ownHold),
      });
      expect(saved).toEqual({ saved: false, current: null });
      expect(await store.readLock(key)).toEqual(ownHold);
    });
  });
}
