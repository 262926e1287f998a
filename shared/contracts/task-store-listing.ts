import { beforeEach, describe, expect, it } from 'vitest';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import { InvalidCursor, type TaskListing, type TaskStore } from '../ports/task-store.ts';
import { fixtureTime, recordIn } from './record-fixtures.ts';

const hour = 3_600_000;
const now = fixtureTime;
const all: TaskListing = { tenant: 'acme', limit: 100, now };

/** The part of the contract about listings. */
export function describeListing(makeStore: () => Promise<TaskStore>): void {
  describe('list', () => {
    let store: TaskStore;
    beforeEach(async () => {
      store = await makeStore();
    });

    const createMany = async (count: number, apart: number, make = recordOf) => {
      for (let n = 0; n < count; n++) await store.create(make(n, now - n * apart));
    };

    it('is empty for a tenant without tasks', async () => {
      expect(await store.list(all)).toEqual({ items: [], nextCursor: null });
    });

    it('gives whole records, newest first, across shards and days', async () => {
      await createMany(20, 7 * hour);
      const { items } = await store.list(all);
      expect(items).toEqual(Array.from({ length: 20 }, (_, n) => recordOf(n, now - n * 7 * hour)));
    });

    it('reaches over days in which nothing happened', async () => {
      await store.create(recordOf(1, now - 29 * 24 * hour));
      expect(await idsOf(store, all)).toEqual(['task-001']);
    });

    it.each([1, 3, 4, 100])('pages by %i without loss or repetition', async (limit) => {
      await createMany(13, 5 * hour);
      const { ids, sizes } = await walk(store, { ...all, limit });
      expect(ids).toEqual(Array.from({ length: 13 }, (_, n) => idOf(n)));
      expect(Math.max(...sizes)).toBeLessThanOrEqual(limit);
    });

    it('pages tasks of one millisecond without loss or repetition', async () => {
      await createMany(9, 0);
      const { ids } = await walk(store, { ...all, limit: 2 });
      expect(ids).toHaveLength(9);
      expect(new Set(ids).size).toBe(9);
    });

    it('does not move on when a task is submitted between two pages', async () => {
      await createMany(4, hour);
      const first = await store.list({ ...all, limit: 2 });
      await store.create(recordOf(99, now));
      const second = await walk(store, { ...all, limit: 2, cursor: first.nextCursor ?? undefined });
      expect(second.ids).toEqual(['task-002', 'task-003']);
    });

    it('filters by state, by task and by both', async () => {
      await createMany(12, 3 * hour, (n, createdAt) =>
        n % 3 === 0
          ? recordIn('FAILURE', { taskId: idOf(n), createdAt, task: n % 2 === 0 ? 'even' : 'odd' })
          : recordOf(n, createdAt),
      );
      expect((await walk(store, { ...all, limit: 2, state: 'FAILURE' })).ids).toEqual([0, 3, 6, 9].map(idOf));
      expect((await walk(store, { ...all, limit: 1, task: 'even' })).ids).toEqual([0, 6].map(idOf));
      expect((await walk(store, { ...all, task: 'odd', state: 'FAILURE' })).ids).toEqual([3, 9].map(idOf));
      expect((await walk(store, { ...all, task: 'odd', state: 'SUCCESS' })).ids).toEqual([]);
    });

    it('filters by tag and by queue, and by all at once', async () => {
      await createMany(12, 3 * hour, (n, createdAt) =>
        recordIn('PENDING', {
          ...{ taskId: idOf(n), createdAt, queue: n % 2 === 0 ? 'priority' : 'default' },
          tags: n % 3 === 0 ? ['blue', 'urgent'] : ['blues'],
        }),
      );
      expect((await walk(store, { ...all, limit: 2, tag: 'urgent' })).ids).toEqual([0, 3, 6, 9].map(idOf));
      expect((await walk(store, { ...all, limit: 2, tag: 'blue' })).ids).toEqual([0, 3, 6, 9].map(idOf));
      expect((await walk(store, { ...all, limit: 4, queue: 'priority' })).ids).toEqual(
        [0, 2, 4, 6, 8, 10].map(idOf),
      );
      const both = { tag: 'blue', queue: 'default', createdAfter: now - 20 * hour } as const;
      expect((await walk(store, { ...all, limit: 1, ...both })).ids).toEqual([idOf(3)]);
      expect((await walk(store, { ...all, tag: 'urg' })).ids).toEqual([]);
    });

    it.each([1, 100])('knows from when to when, to the millisecond, by pages of %i', async (limit) => {
      await createMany(20, 7 * hour);
      const within = { createdAfter: now - 15 * 7 * hour, createdBefore: now - 4 * 7 * hour };
      const found = async (changes: Partial<TaskListing>) =>
        (await walk(store, { ...all, limit, ...within, ...changes })).ids;
      const wanted = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15].map(idOf);
      expect(await found({})).toEqual(wanted);
      expect(await found({ createdBefore: within.createdBefore + 1 })).toEqual([idOf(4), ...wanted]);
      expect(await found({ createdAfter: within.createdAfter + 1 })).toEqual(wanted.slice(0, -1));
      expect(await found({ createdBefore: now + 1 })).toEqual(Array.from({ length: 16 }, (_, n) => idOf(n)));
      expect(await found({ createdBefore: within.createdAfter })).toEqual([]);
      expect(await found({ createdAfter: now + 1, createdBefore: undefined })).toEqual([]);
    });

    it('reaches back beyond 30 days when it is told how far, for tasks that were put off', async () => {
      const day = 24 * hour;
      const ages = [31, 200, 399, 402];
      for (const age of ages) {
        await store.create(recordIn('SCHEDULED', { taskId: `d-${age}`, createdAt: now - age * day }));
      }
      expect(await idsOf(store, all)).toEqual([]);
      const since = (days: number) => walk(store, { ...all, limit: 2, createdAfter: now - days * day });
      expect((await since(300)).ids).toEqual(['d-31', 'd-200']);
      expect((await since(1000)).ids).toEqual(['d-31', 'd-200', 'd-399']);
      const until = { createdAfter: now - 399 * day, createdBefore: now - 200 * day };
      expect((await walk(store, { ...all, ...until })).ids).toEqual(['d-399']);
    });

    it("never shows another tenant's tasks, not by a cursor either", async () => {
      await createMany(3, hour);
      await createMany(3, hour, (n, createdAt) =>
        recordIn('PENDING', { taskId: `other-${n}`, tenant: 'other', createdAt }),
      );
      const first = await store.list({ ...all, limit: 1 });
      const rest = await walk(store, { ...all, tenant: 'other', cursor: first.nextCursor ?? undefined });
      expect(rest.ids.every((id) => id.startsWith('other-'))).toBe(true);
      expect(await idsOf(store, all)).toEqual([0, 1, 2].map(idOf));
      expect(await idsOf(store, { ...all, tenant: 'acm' })).toEqual([]);
    });

    it('leaves out records that have expired', async () => {
      await store.create(recordIn('SUCCESS', { taskId: 'gone', expiresAt: now }));
      await store.create(recordIn('FAILURE', { taskId: 'kept', expiresAt: now + 1 }));
      expect(await idsOf(store, all)).toEqual(['kept']);
    });

    const strange = ['{"day":"2026-99-99","below":null}', '{}', '[]', 'null', '"x"'];
    it.each(['', 'nonsense', '%%%', ...strange.map((json) => Buffer.from(json).toString('base64url'))])(
      'refuses the cursor "%s"',
      async (cursor) => {
        await expect(store.list({ ...all, cursor })).rejects.toThrow(InvalidCursor);
      },
    );
  });
}

function idOf(n: number): string {
  return `task-${String(n).padStart(3, '0')}`;
}

function recordOf(n: number, createdAt: number): TaskRecord {
  return recordIn('PENDING', { taskId: idOf(n), createdAt });
}

async function idsOf(store: TaskStore, listing: TaskListing): Promise<string[]> {
  const { items } = await store.list(listing);
  return items.map(({ taskId }) => taskId);
}

/** Follows the cursors to the end; a page may be empty, but not for ever. */
async function walk(store: TaskStore, listing: TaskListing): Promise<{ ids: string[]; sizes: number[] }> {
  const ids: string[] = [];
  const sizes: number[] = [];
  let cursor = listing.cursor;
  for (let pages = 0; pages < 100; pages++) {
    const page = await store.list({ ...listing, cursor });
    ids.push(...page.items.map(({ taskId }) => taskId));
    sizes.push(page.items.length);
    if (page.nextCursor === null) return { ids, sizes };
    cursor = page.nextCursor;
  }
  throw new Error('the listing did not end within 100 pages');
}
