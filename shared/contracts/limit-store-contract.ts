import { beforeEach, describe, expect, it } from 'vitest';
import type { LimitState, LimitStore } from '../ports/limit-store.ts';

const key = 'rate/test_celery';

/** What every store of limits must do; `make` gives an empty one for each test. */
export function describeLimitStore(name: string, make: () => Promise<LimitStore>): void {
  describe(`limit store: ${name}`, () => {
    let limits: LimitStore;
    beforeEach(async () => {
      limits = await make();
    });

    const write = (value: unknown, read: LimitState | null, writer: string) =>
      limits.save(key, value, read, writer);

    it('knows nothing of a key that was never used', async () => {
      await limits.save('another', 1, null, 'w1');
      expect(await limits.read(key)).toBeNull();
    });

    it.each([null, 0, 'text', [], { opensAt: 1, lineEndsAt: 2 }, [{ taskId: 'ü', claim: 1, since: 0.5 }]])(
      'gives back %j as it was saved',
      async (value) => {
        expect(await write(value, null, 'w1')).toBe(true);
        expect((await limits.read(key))?.value).toEqual(value);
      },
    );

    it('replaces a value that is as it was read', async () => {
      await write('first', null, 'w1');
      expect(await write('second', await limits.read(key), 'w2')).toBe(true);
      expect(await limits.read(key)).toMatchObject({ value: 'second' });
      expect(await write('third', await limits.read(key), 'w1')).toBe(true);
      expect(await limits.read(key)).toMatchObject({ value: 'third' });
    });

    it('refuses a change of a value that was changed since, and keeps what is there', async () => {
      await write('first', null, 'w1');
      const read = await limits.read(key);
      await write('second', read, 'w2');
      expect(await write('stale', read, 'w3')).toBe(false);
      expect(await write('unseen', null, 'w3')).toBe(false);
      expect(await limits.read(key)).toMatchObject({ value: 'second' });
    });

    it('tells a value that came back from the same value unchanged', async () => {
      await write('a', null, 'w1');
      const read = await limits.read(key);
      await write('b', read, 'w2');
      await write('a', await limits.read(key), 'w3');
      expect(await write('stale', read, 'w4')).toBe(false);
    });

    it('refuses a change of what was read and is no longer there', async () => {
      expect(await write('late', { value: 'first', version: 1 }, 'w1')).toBe(false);
      expect(await limits.read(key)).toBeNull();
    });

    it('tells a writer whose reply was lost that it had succeeded, once and for all', async () => {
      expect(await write('first', null, 'w1')).toBe(true);
      expect(await write('first', null, 'w1')).toBe(true);
      const read = await limits.read(key);
      await write('second', read, 'w2');
      expect(await write('second', read, 'w2')).toBe(true);
      expect(await limits.read(key)).toEqual({ value: 'second', version: (read?.version ?? 0) + 1 });
    });

    it('lets one of many who change it at once succeed, each time', async () => {
      for (let round = 0; round < 3; round++) {
        const read = await limits.read(key);
        const saved = await Promise.all(
          Array.from({ length: 8 }, (_, n) => write({ round, n }, read, `w-${round}-${n}`)),
        );
        expect(saved.filter(Boolean)).toHaveLength(1);
        expect((await limits.read(key))?.value).toEqual({ round, n: saved.indexOf(true) });
      }
    });

    it('does not keep what its caller changes afterwards', async () => {
      const value = { holders: ['a'] };
      await write(value, null, 'w1');
      value.holders.push('b');
      expect((await limits.read(key))?.value).toEqual({ holders: ['a'] });
    });
  });
}
