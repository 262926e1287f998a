import { beforeEach, describe, expect, it } from 'vitest';
import type { TaskStore } from '../ports/task-store.ts';
import { fixtureTime, recordIn, successor } from './record-fixtures.ts';
import { allDue } from './task-store-due.ts';

const pending = recordIn('PENDING');
const { taskId } = pending;
const seenAt = fixtureTime + 30_000;
const resent = { phase: '1.0.PENDING', count: 1, by: 'this-run' };
const moved = { wakeAt: fixtureTime + 90_000, resent };
const anyWake = { wakeBy: null };

/** The part of the contract about `wakeAt`, which the reconciler moves beside the saves of others. */
export function describeWake(makeStore: () => Promise<TaskStore>): void {
  let store: TaskStore;
  const begin = async () => {
    store = await makeStore();
    await store.create(pending);
  };

  describe('moveWake', () => {
    beforeEach(begin);

    it('moves the look, notes the send and leaves version and writer alone', async () => {
      expect(await store.moveWake(pending, moved)).toBe(true);
      expect(await store.read(taskId)).toEqual({ ...pending, ...moved });
      expect(await allDue(store, moved.wakeAt - 1)).toEqual([]);
      expect(await allDue(store, moved.wakeAt)).toEqual([{ taskId, wakeAt: moved.wakeAt }]);
    });

    it('clears what was noted', async () => {
      await store.moveWake(pending, moved);
      const later = { wakeAt: moved.wakeAt + 1, resent: null };
      expect(await store.moveWake({ ...pending, ...moved }, later)).toBe(true);
      expect(await store.read(taskId)).toEqual({ ...pending, ...later });
    });

    it('is lost by the second of two runs, though both noted the same phase and count', async () => {
      await store.moveWake(pending, moved);
      const second = { wakeAt: moved.wakeAt, resent: { ...resent, by: 'another-run' } };
      expect(await store.moveWake(pending, second)).toBe(false);
      expect(await store.read(taskId)).toEqual({ ...pending, ...moved });
    });

    it('is lost by the second of two that noted no send', async () => {
      const postponed = { wakeAt: moved.wakeAt, resent: null };
      await store.moveWake(pending, postponed);
      expect(await store.moveWake(pending, postponed)).toBe(false);
    });

    it('is told as done when its reply was lost, and is done once', async () => {
      await store.moveWake(pending, moved);
      expect(await store.moveWake(pending, moved)).toBe(true);
      expect(await store.read(taskId)).toEqual({ ...pending, ...moved });
    });

    it('is told as done when its reply was lost, though a worker has claimed the task since', async () => {
      await store.moveWake(pending, moved);
      const claimed = successor(pending, recordIn('STARTED', moved));
      await store.save(claimed, pending, anyWake);
      expect(await store.moveWake(pending, moved)).toBe(true);
      expect(await store.read(taskId)).toEqual(claimed);
    });

    it('is lost when the record was saved since it was read, its look unchanged', async () => {
      const claimed = successor(pending, recordIn('STARTED'));
      await store.save(claimed, pending, anyWake);
      expect(await store.moveWake(pending, moved)).toBe(false);
      expect(await store.read(taskId)).toEqual(claimed);
    });

    it.each([
      recordIn('SUCCESS'),
      recordIn('CANCELLED'),
      recordIn('FAILURE', { wakeAt: seenAt }),
      recordIn('FAILURE', { wakeAt: seenAt, resent }),
    ])('is lost when the task ended $state', async (state) => {
      const ended = successor(pending, state);
      await store.save(ended, pending, anyWake);
      expect(await store.moveWake(pending, moved)).toBe(false);
      expect(await store.read(taskId)).toEqual(ended);
    });

    it.each([recordIn('SUCCESS', { wakeAt: seenAt }), recordIn('FAILURE', { deadLetter: 'sent' })])(
      'leaves an ended $state record alone',
      async (changes) => {
        const ended = successor(pending, changes);
        await store.save(ended, pending, anyWake);
        expect(await store.moveWake(ended, moved)).toBe(false);
        expect(await store.read(taskId)).toEqual(ended);
      },
    );

    it('moves the look of a failed task that owes its letter', async () => {
      const owing = successor(pending, recordIn('FAILURE', { deadLetter: 'owed' }));
      await store.save(owing, pending, anyWake);
      expect(await store.moveWake(owing, moved)).toBe(true);
      expect(await store.read(taskId)).toEqual({ ...owing, ...moved });
    });

    it('does not make a record of its own', async () => {
      expect(await store.moveWake({ ...pending, taskId: 'deleted' }, moved)).toBe(false);
      expect(await store.read('deleted')).toBeNull();
    });
  });

  describe('a save that races with the reconciler', () => {
    beforeEach(begin);
    const claimed = successor(pending, recordIn('STARTED'));
    const wakeBy = fixtureTime + 50_400;

    it('keeps the look that was moved meanwhile, if that is still in time', async () => {
      const sooner = { wakeAt: wakeBy, resent };
      await store.moveWake(pending, sooner);
      expect(await store.save(claimed, pending, { wakeBy })).toEqual({ saved: true });
      expect(await store.read(taskId)).toEqual({ ...claimed, ...sooner });
    });

    it('keeps whatever look there is when any will do', async () => {
      await store.moveWake(pending, moved);
      expect(await store.save(claimed, pending, anyWake)).toEqual({ saved: true });
      expect(await store.read(taskId)).toEqual({ ...claimed, ...moved });
    });

    it('is refused when nobody would look in time, and accepted once it is decided anew', async () => {
      await store.moveWake(pending, { wakeAt: wakeBy + 1, resent });
      const current = { ...pending, wakeAt: wakeBy + 1, resent };
      expect(await store.save(claimed, pending, { wakeBy })).toEqual({ saved: false, current });
      expect(await store.read(taskId)).toEqual(current);
      const anew = { ...claimed, wakeAt: wakeBy, resent };
      expect(await store.save(anew, current, { wakeBy })).toEqual({ saved: true });
      expect(await store.read(taskId)).toEqual(anew);
      expect(await allDue(store, wakeBy)).toEqual([{ taskId, wakeAt: wakeBy }]);
    });

    it('overrides the look that was moved when it sets another', async () => {
      await store.moveWake(pending, moved);
      const sooner = { ...claimed, wakeAt: fixtureTime + 50_000 };
      expect(await store.save(sooner, pending, { wakeBy })).toEqual({ saved: true });
      expect(await store.read(taskId)).toEqual({ ...sooner, resent });
    });

    it('that comes first keeps its look: the move is lost', async () => {
      expect(await store.save(claimed, pending, { wakeBy })).toEqual({ saved: true });
      expect(await store.moveWake(pending, moved)).toBe(false);
      expect(await store.read(taskId)).toEqual(claimed);
    });

    it('ends with a look in time, whoever comes first', async () => {
      const [saved] = await Promise.all([
        store.save(claimed, pending, { wakeBy }),
        store.moveWake(pending, moved),
      ]);
      const stored = await store.read(taskId);
      expect(stored).toEqual(saved.saved ? claimed : { ...pending, ...moved });
    });

    it('of a record without a look is not refused for it', async () => {
      const ended = successor(pending, recordIn('SUCCESS'));
      await store.save(ended, pending, anyWake);
      expect(await store.save(successor(ended, ended), ended, { wakeBy: 0 })).toEqual({ saved: true });
    });
  });
}
