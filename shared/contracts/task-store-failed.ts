import { beforeEach, describe, expect, it } from 'vitest';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import { attentionShards, type FailedTask, InvalidCursor, type TaskStore } from '../ports/task-store.ts';
import { fixtureTime, recordIn, successor } from './record-fixtures.ts';
import { idsOfShard } from './task-store-due.ts';

const ever = { tenant: 'acme', after: 0, before: fixtureTime + 1_000_000, limit: 100 };
const failedAt = fixtureTime + 800;

/** The part of the contract about the listing of failed tasks. */
export function describeFailed(makeStore: () => Promise<TaskStore>): void {
  describe('failed', () => {
    let store: TaskStore;
    beforeEach(async () => {
      store = await makeStore();
    });

    const allFailed = async (range: typeof ever = ever) => {
      const pages = await Promise.all(attentionShards.map((shard) => store.failed({ ...range, shard })));
      return pages.flatMap((page) => [...page.items]);
    };
    const failShard = async (shard: number, times: readonly number[]) => {
      for (const [index, taskId] of idsOfShard(shard, times.length).entries()) {
        const wakeAt = fixtureTime + (times[index] ?? 0);
        await store.create(recordIn('FAILURE', { taskId, wakeAt, finishedAt: wakeAt }));
      }
    };

    it("leaves out other tenants' tasks", async () => {
      const { taskId } = recordIn('FAILURE');
      await store.create(recordIn('FAILURE', { tenant: 'other', taskId, wakeAt: failedAt }));
      expect(await allFailed()).toEqual([]);
      expect(await allFailed({ ...ever, tenant: 'other' })).toEqual([{ taskId, failedAt }]);
    });

    it.each(['none', 'sent'] as const)('has a failed task whose letter is %s', async (deadLetter) => {
      const { taskId } = recordIn('FAILURE');
      await store.create(recordIn('FAILURE', { deadLetter }));
      expect(await allFailed()).toEqual([{ taskId, failedAt }]);
    });

    it.each([
      recordIn('PENDING'),
      recordIn('STARTED'),
      recordIn('PROGRESS'),
      recordIn('RETRY'),
      recordIn('SUCCESS', { wakeAt: fixtureTime }),
      recordIn('CANCELLED', { wakeAt: fixtureTime }),
      recordIn('FAILURE', { deadLetter: 'owed' }),
    ])('leaves a $state task out that did not fail, or owes its letter', async (record) => {
      await store.create(record);
      expect(await allFailed()).toEqual([]);
    });

    it('follows a task in and out with its saves', async () => {
      const owing = recordIn('FAILURE', { deadLetter: 'owed', wakeAt: failedAt + 30_000 });
      const settled = successor(owing, recordIn('FAILURE', { deadLetter: 'sent' }));
      const reopened: TaskRecord = successor(settled, recordIn('PENDING', { epoch: 2 }));
      await store.create(owing);
      await store.save(settled, owing, { wakeBy: null });
      expect(await allFailed()).toEqual([{ taskId: owing.taskId, failedAt }]);
      await store.save(reopened, settled, { wakeBy: null });
      expect(await allFailed()).toEqual([]);
    });

    it('takes the first millisecond of its range and not the last', async () => {
      await store.create(recordIn('FAILURE'));
      expect(await allFailed({ ...ever, after: failedAt, before: failedAt + 1 })).toHaveLength(1);
      expect(await allFailed({ ...ever, after: failedAt + 1 })).toEqual([]);
      expect(await allFailed({ ...ever, before: failedAt })).toEqual([]);
    });

    it.each([failedAt, failedAt - 1])(
      'has nothing in a range that ends where it begins, or before',
      async (before) => {
        await store.create(recordIn('FAILURE'));
        expect(await allFailed({ ...ever, after: failedAt, before })).toEqual([]);
      },
    );

    it('pages a shard, earliest first, without loss or repetition', async () => {
      await failShard(1, [50, 10, 70, 30, 10, 60, 20]);
      await failShard(2, [15]);
      const range = { tenant: 'acme', shard: 1, after: fixtureTime + 10, before: fixtureTime + 70, limit: 2 };
      const pages: FailedTask[][] = [];
      let cursor: string | null | undefined;
      do {
        const page = await store.failed({ ...range, cursor: cursor ?? undefined });
        pages.push([...page.items]);
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(pages.every((page) => page.length <= 2)).toBe(true);
      expect(pages.flat().map((task) => task.failedAt - fixtureTime)).toEqual([10, 10, 20, 30, 50, 60]);
      expect(new Set(pages.flat().map(({ taskId }) => taskId)).size).toBe(6);
    });

    it('goes on from a cursor in another range', async () => {
      await failShard(1, [10, 20, 30, 40]);
      const first = await store.failed({ ...ever, shard: 1, limit: 2 });
      const rest = { ...ever, shard: 1, cursor: first.nextCursor ?? undefined };
      const timesOf = async (range: { after: number; before: number }) =>
        (await store.failed({ ...rest, ...range })).items.map((task) => task.failedAt - fixtureTime);
      expect(await timesOf({ after: 0, before: fixtureTime + 40 })).toEqual([30]);
      expect(await timesOf({ after: fixtureTime + 40, before: ever.before })).toEqual([40]);
      expect(await timesOf({ after: 0, before: fixtureTime + 15 })).toEqual([]);
    });

    it.each(['', 'nonsense', Buffer.from('{"wakeAt":1}').toString('base64url')])(
      'refuses the cursor "%s"',
      async (cursor) => {
        await expect(store.failed({ ...ever, shard: 0, cursor })).rejects.toThrow(InvalidCursor);
      },
    );
  });
}
