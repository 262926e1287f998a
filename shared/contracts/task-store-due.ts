import { beforeEach, describe, expect, it } from 'vitest';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import { shardOf } from '../ports/shard-of.ts';
import { attentionShards, type DueTask, InvalidCursor, type TaskStore } from '../ports/task-store.ts';
import { fixtureTime, recordIn, successor } from './record-fixtures.ts';

const later = fixtureTime + 1_000_000;

/** The part of the contract about the records that the reconciler looks at. */
export function describeDue(makeStore: () => Promise<TaskStore>): void {
  describe('due', () => {
    let store: TaskStore;
    beforeEach(async () => {
      store = await makeStore();
    });

    it.each([
      recordIn('PENDING'),
      recordIn('STARTED'),
      recordIn('PROGRESS'),
      recordIn('RETRY'),
      recordIn('FAILURE', { deadLetter: 'owed' }),
    ])('has a $state task that is unfinished', async (record) => {
      await store.create(record);
      expect(await allDue(store, later)).toEqual([{ taskId: record.taskId, wakeAt: record.wakeAt }]);
    });

    it.each([
      recordIn('SUCCESS'),
      recordIn('SUCCESS', { wakeAt: fixtureTime }),
      recordIn('CANCELLED'),
      recordIn('FAILURE', { deadLetter: 'none' }),
      recordIn('FAILURE', { deadLetter: 'sent' }),
    ])('leaves a $state task out that is finished', async (record) => {
      await store.create(record);
      expect(await allDue(store, later)).toEqual([]);
    });

    it('follows a task in and out with its saves', async () => {
      const pending = recordIn('PENDING');
      const path: [TaskRecord, boolean][] = [
        [recordIn('STARTED'), true],
        [recordIn('FAILURE', { deadLetter: 'owed' }), true],
        [recordIn('FAILURE', { deadLetter: 'sent' }), false],
        [recordIn('PENDING', { epoch: 2 }), true],
        [recordIn('CANCELLED', { epoch: 2 }), false],
        [recordIn('PENDING', { epoch: 3 }), true],
        [recordIn('STARTED', { epoch: 3 }), true],
        [recordIn('SUCCESS', { epoch: 3 }), false],
      ];
      await store.create(pending);
      let previous: TaskRecord = pending;
      for (const [state, isDue] of path) {
        const next: TaskRecord = successor(previous, state);
        await store.save(next, previous, { wakeBy: null });
        const expected = isDue ? [{ taskId: next.taskId, wakeAt: next.wakeAt }] : [];
        expect(await allDue(store, later), next.state).toEqual(expected);
        previous = next;
      }
    });

    it('takes a task at its very millisecond and not before', async () => {
      const { wakeAt } = recordIn('PENDING');
      await store.create(recordIn('PENDING'));
      expect(await allDue(store, Number(wakeAt) - 1)).toEqual([]);
      expect(await allDue(store, Number(wakeAt))).toHaveLength(1);
    });

    it('pages a shard, earliest first, without loss or repetition', async () => {
      const taskIds = idsOfShard(2, 7);
      const wakeAts = [50, 10, 70, 30, 10, 60, 20].map((ms) => fixtureTime + ms);
      for (const [index, taskId] of taskIds.entries()) {
        await store.create(recordIn('PENDING', { taskId, wakeAt: wakeAts[index] ?? 0 }));
      }
      await store.create(recordIn('PENDING', { taskId: idsOfShard(3, 1)[0] ?? '', wakeAt: fixtureTime }));
      const pages: DueTask[][] = [];
      let cursor: string | null | undefined;
      do {
        const page = await store.due(2, fixtureTime + 60, 2, cursor ?? undefined);
        pages.push([...page.items]);
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(pages.every((page) => page.length <= 2)).toBe(true);
      expect(pages.flat().map(({ wakeAt }) => wakeAt - fixtureTime)).toEqual([10, 10, 20, 30, 50, 60]);
      expect(new Set(pages.flat().map(({ taskId }) => taskId)).size).toBe(6);
    });

    it.each(['', 'nonsense', Buffer.from('{"wakeAt":1}').toString('base64url')])(
      'refuses the cursor "%s"',
      async (cursor) => {
        await expect(store.due(0, later, 10, cursor)).rejects.toThrow(InvalidCursor);
      },
    );
  });
}

/** What is due in all shards. */
export async function allDue(store: TaskStore, now: number): Promise<DueTask[]> {
  const pages = await Promise.all(attentionShards.map((shard) => store.due(shard, now, 100)));
  return pages.flatMap((page) => [...page.items]);
}

/** Ids whose tasks stand in this shard of the sparse index. */
export function idsOfShard(shard: number, count: number): string[] {
  const ids: string[] = [];
  for (let n = 0; ids.length < count; n++) {
    if (shardOf(`task-${n}`, attentionShards.length) === shard) ids.push(`task-${n}`);
  }
  return ids;
}
