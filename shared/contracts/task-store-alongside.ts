import { beforeEach, describe, expect, it } from 'vitest';
import { AlongsideRefused, type AlongsideWrite } from '../ports/alongside-write.ts';
import type { TaskStore } from '../ports/task-store.ts';
import { recordIn, successor } from './record-fixtures.ts';

/** A store, a table of an application's own, and a look into that. */
export interface AlongsideScene {
  readonly store: TaskStore;
  readonly table: string;
  /** The item under `key` in that table, or null. */
  entity(key: AlongsideWrite['key']): Promise<unknown>;
}

const pending = recordIn('PENDING');
const key = { pk: 'tenant#acme', sk: 'location#denver' };
const otherKey = { ...key, sk: 'location#boulder' };
const denver = { ...key, name: 'Denver', version: 1, tags: ['high', 'ümläut 🌱'] };

/** The part of the contract about writes that are committed together with a new task. */
export function describeAlongside(makeScene: () => Promise<AlongsideScene>): void {
  describe('create with writes alongside', () => {
    let scene: AlongsideScene;
    let store: TaskStore;
    beforeEach(async () => {
      scene = await makeScene();
      store = scene.store;
    });

    const write = (changes: Partial<AlongsideWrite> = {}): AlongsideWrite => ({
      table: scene.table,
      key,
      item: denver,
      onlyIf: 'absent',
      ...changes,
    });
    const put = (item: AlongsideWrite['item'], onlyIf: AlongsideWrite['onlyIf']) => write({ item, onlyIf });
    const versionIs = (equals: string | number) => ({ attribute: 'version', equals });

    async function keepDenver(): Promise<void> {
      const earlier = recordIn('PENDING', { taskId: 'earlier' });
      expect(await store.create(earlier, { alongside: [write()] })).toEqual({ saved: true });
    }

    async function refusedFor(writes: readonly AlongsideWrite[]): Promise<AlongsideRefused> {
      const refusal = await store.create(pending, { alongside: writes }).catch((error: unknown) => error);
      if (!(refusal instanceof AlongsideRefused)) throw new Error('it was not refused', { cause: refusal });
      expect(await store.read(pending.taskId)).toBeNull();
      return refusal;
    }

    it('stores the record and all of them', async () => {
      const boulder = { ...otherKey, name: 'Boulder' };
      const alongside = [write(), write({ key: otherKey, item: boulder })];
      expect(await store.create(pending, { alongside })).toEqual({ saved: true });
      expect(await store.read(pending.taskId)).toEqual(pending);
      expect(await scene.entity(key)).toEqual(denver);
      expect(await scene.entity(otherKey)).toEqual(boulder);
    });

    it('is a plain create when there are none', async () => {
      expect(await store.create(pending, { alongside: [] })).toEqual({ saved: true });
      expect(await store.read(pending.taskId)).toEqual(pending);
    });

    it('replaces and deletes what is as expected', async () => {
      await keepDenver();
      const renamed = { ...denver, name: 'Denver, Colorado', version: 2 };
      const second = recordIn('PENDING', { taskId: 'second' });
      await store.create(second, { alongside: [put(renamed, versionIs(1))] });
      expect(await scene.entity(key)).toEqual(renamed);
      const isRenamed = { attribute: 'name', equals: 'Denver, Colorado' };
      await store.create(pending, { alongside: [put(null, isRenamed)] });
      expect(await scene.entity(key)).toBeNull();
    });

    it('refuses to put over what should be absent, naming table and key', async () => {
      await keepDenver();
      const { message } = await refusedFor([put({ ...denver, name: 'Another' }, 'absent')]);
      for (const part of [scene.table, key.pk, key.sk]) expect(message).toContain(part);
      expect(await scene.entity(key)).toEqual(denver);
    });

    it.each([
      ['has changed', versionIs(2)],
      ['is of another type', versionIs('1')],
      ['never had the attribute', { attribute: 'colour', equals: 'green' }],
    ])('refuses to replace or delete what %s', async (_, onlyIf) => {
      await keepDenver();
      await refusedFor([put({ ...denver, name: 'Another' }, onlyIf)]);
      await refusedFor([put(null, onlyIf)]);
      expect(await scene.entity(key)).toEqual(denver);
    });

    it('refuses to replace or delete what is not there', async () => {
      await refusedFor([put(denver, versionIs(1))]);
      await refusedFor([put(null, versionIs(1))]);
      expect(await scene.entity(key)).toBeNull();
    });

    it('makes no write when one is refused, and names that one', async () => {
      await keepDenver();
      const boulder = write({ key: otherKey, item: { ...otherKey, name: 'Boulder' } });
      const { message } = await refusedFor([boulder, write()]);
      expect(message).toContain(key.sk);
      expect(message).not.toContain(otherKey.sk);
      expect(await scene.entity(otherKey)).toBeNull();
    });

    it('makes no write when the id is taken, and brings the record that has it', async () => {
      await store.create(pending);
      const rival = recordIn('PENDING', { writer: 'somebody-else' });
      expect(await store.create(rival, { alongside: [write()] })).toEqual({ saved: false, current: pending });
      expect(await scene.entity(key)).toBeNull();
    });

    it('tells of a taken id rather than of a refused write', async () => {
      await keepDenver();
      await store.create(pending);
      const rival = recordIn('PENDING', { writer: 'somebody-else' });
      expect(await store.create(rival, { alongside: [write()] })).toEqual({ saved: false, current: pending });
    });

    it('is told as saved when its reply was lost, though its conditions hold no longer', async () => {
      await store.create(pending, { alongside: [write()] });
      expect(await store.create(pending, { alongside: [write()] })).toEqual({ saved: true });
      expect(await scene.entity(key)).toEqual(denver);
    });

    it('brings what a worker has made of the record since a lost reply', async () => {
      await store.create(pending, { alongside: [write()] });
      const claimed = successor(pending, recordIn('STARTED'));
      await store.save(claimed, pending, { wakeBy: null });
      expect(await store.create(pending, { alongside: [write()] })).toEqual({
        saved: false,
        current: claimed,
      });
    });

    it('lets exactly one of several through that want the same item', async () => {
      const tries = await Promise.allSettled(
        ['a', 'b', 'c', 'd'].map((taskId) =>
          store.create(recordIn('PENDING', { taskId }), { alongside: [write()] }),
        ),
      );
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const lost of tries.filter((one) => one.status === 'rejected')) {
        expect(lost.reason).toBeInstanceOf(AlongsideRefused);
      }
      const records = await Promise.all(['a', 'b', 'c', 'd'].map((taskId) => store.read(taskId)));
      expect(records.filter((record) => record !== null)).toHaveLength(1);
    });

    it('takes no writes that cannot be committed together', async () => {
      const many = Array.from({ length: 99 }, (_, n) => {
        const own = { ...key, sk: `location#${n}` };
        return write({ key: own, item: own });
      });
      const commit = (alongside: readonly AlongsideWrite[]) => store.create(pending, { alongside });
      await expect(commit(many)).rejects.toThrow('99 writes');
      await expect(commit([write(), put(null, 'absent')])).rejects.toThrow('the same item');
      await expect(commit([write({ key: otherKey })])).rejects.toThrow('another pk or sk');
      expect(await store.read(pending.taskId)).toBeNull();
      const lock = { key: 'a-lock', from: null };
      expect(await store.create(pending, { alongside: many.slice(1), lock })).toEqual({ saved: true });
    });
  });
}
