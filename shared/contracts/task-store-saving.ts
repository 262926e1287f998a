import { beforeEach, describe, expect, it } from 'vitest';
import { taskStates } from '../lifecycle/task-record.ts';
import type { TaskStore } from '../ports/task-store.ts';
import { fixtureTime, recordIn, successor } from './record-fixtures.ts';

const anyWake = { wakeBy: null };

/** The part of the contract about creating, reading and saving records. */
export function describeSaving(makeStore: () => Promise<TaskStore>): void {
  describe('create and read', () => {
    let store: TaskStore;
    beforeEach(async () => {
      store = await makeStore();
    });

    it.each(taskStates)('gives back a %s record as it was', async (state) => {
      const record = recordIn(state, { tags: ['spring', 'ümläut 🌱'], progress: 12.5, stepsAfter: 2 });
      expect(await store.create(record)).toEqual({ saved: true });
      expect(await store.read(record.taskId)).toEqual(record);
    });

    it('gives back what only some records have', async () => {
      const record = recordIn('STARTED', {
        digest: 'sha256:9f2c',
        uniqueKey: '5f0c2a9e-8f1b-8b57-a6a5-6a0d1b7c9e42',
        cancelRequest: { at: fixtureTime + 500, by: 'ada@example.com' },
        resent: { phase: '1.1.running', count: 2, by: 'a-run' },
      });
      await store.create(record);
      expect(await store.read(record.taskId)).toEqual(record);
    });

    it('reads null where there is no record', async () => {
      expect(await store.read('nobody')).toBeNull();
    });

    it('refuses a taken id and brings the record that has it', async () => {
      const first = recordIn('PENDING');
      await store.create(first);
      const second = recordIn('PENDING', { writer: 'somebody-else', task: 'another_task' });
      expect(await store.create(second)).toEqual({ saved: false, current: first });
      expect(await store.read(first.taskId)).toEqual(first);
    });

    it('tells a repeated create of one writer as saved', async () => {
      const record = recordIn('PENDING');
      await store.create(record);
      expect(await store.create(record)).toEqual({ saved: true });
    });

    it.each(['SUCCESS', 'FAILURE', 'CANCELLED'] as const)(
      'replaces a %s record that had expired, and keeps nothing of it',
      async (state) => {
        await store.create(recordIn(state, { expiresAt: fixtureTime, writer: 'earlier' }));
        const again = recordIn('PENDING', { createdAt: fixtureTime });
        expect(await store.create(again)).toEqual({ saved: true });
        expect(await store.read(again.taskId)).toEqual(again);
      },
    );

    it('refuses the id of an ended record until that has expired', async () => {
      const kept = recordIn('SUCCESS', { expiresAt: fixtureTime + 1, writer: 'earlier' });
      await store.create(kept);
      expect(await store.create(recordIn('PENDING'))).toEqual({ saved: false, current: kept });
      expect(await store.read(kept.taskId)).toEqual(kept);
    });

    it('lets exactly one of several through that want the id of an expired record', async () => {
      await store.create(recordIn('SUCCESS', { expiresAt: fixtureTime, writer: 'earlier' }));
      const writers = ['one', 'two', 'three', 'four'];
      const results = await Promise.all(
        writers.map((writer) => store.create(recordIn('PENDING', { writer }))),
      );
      expect(results.filter(({ saved }) => saved)).toHaveLength(1);
    });

    it('keeps no field that does not belong to the state', async () => {
      const leftover = { ...recordIn('PENDING'), leaseUntil: fixtureTime };
      await store.create(leftover);
      expect(await store.read(leftover.taskId)).toEqual(recordIn('PENDING'));
    });

    it.each(['PENDING', 'STARTED', 'PROGRESS', 'RETRY', 'FAILURE'] as const)(
      'rejects a %s record that nobody would look at again',
      async (state) => {
        const { taskId } = recordIn(state);
        await expect(store.create(recordIn(state, { wakeAt: null }))).rejects.toThrow(taskId);
        expect(await store.read(taskId)).toBeNull();
      },
    );
  });

  describe('save', () => {
    let store: TaskStore;
    const pending = recordIn('PENDING');
    beforeEach(async () => {
      store = await makeStore();
      await store.create(pending);
    });

    it('replaces the record through every change of state', async () => {
      const states = ['STARTED', 'PROGRESS', 'RETRY', 'STARTED', 'SUCCESS'] as const;
      let previous = await store.read(pending.taskId);
      for (const state of states) {
        if (previous === null) throw new Error('the record is gone');
        const next = successor(previous, recordIn(state));
        expect(await store.save(next, previous, anyWake)).toEqual({ saved: true });
        expect(await store.read(pending.taskId)).toEqual(next);
        previous = next;
      }
    });

    it('leaves nothing of an ended life in the next epoch', async () => {
      const failed = successor(pending, recordIn('FAILURE'));
      await store.save(failed, pending, anyWake);
      const reopened = successor(failed, recordIn('PENDING', { epoch: 2 }));
      expect(await store.save(reopened, failed, anyWake)).toEqual({ saved: true });
      expect(await store.read(pending.taskId)).toEqual(reopened);
    });

    it('refuses a stale version and brings the current record', async () => {
      const claimed = successor(pending, recordIn('STARTED'), 'worker-1');
      await store.save(claimed, pending, anyWake);
      const rival = successor(pending, recordIn('STARTED'), 'worker-2');
      expect(await store.save(rival, pending, anyWake)).toEqual({ saved: false, current: claimed });
      expect(await store.read(pending.taskId)).toEqual(claimed);
    });

    it('lets exactly one of several writers through', async () => {
      const writers = ['worker-1', 'worker-2', 'worker-3', 'worker-4'];
      const results = await Promise.all(
        writers.map((writer) =>
          store.save(successor(pending, recordIn('STARTED'), writer), pending, anyWake),
        ),
      );
      expect(results.filter(({ saved }) => saved)).toHaveLength(1);
      const winner = writers[results.findIndex(({ saved }) => saved)];
      expect((await store.read(pending.taskId))?.writer).toBe(winner);
    });

    it('tells a save whose reply was lost as saved, and does it once', async () => {
      const claimed = successor(pending, recordIn('STARTED'));
      await store.save(claimed, pending, anyWake);
      expect(await store.save(claimed, pending, anyWake)).toEqual({ saved: true });
      expect(await store.read(pending.taskId)).toEqual(claimed);
    });

    it('does not bring a record back that is gone', async () => {
      const missing = recordIn('PENDING', { taskId: 'deleted' });
      const next = successor(missing, recordIn('STARTED'));
      expect(await store.save(next, missing, anyWake)).toEqual({ saved: false, current: null });
      expect(await store.read('deleted')).toBeNull();
    });
  });
}
