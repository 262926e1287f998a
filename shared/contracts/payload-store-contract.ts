import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PayloadStore } from '../ports/payload-store.ts';

const key = 'payloads/019aa7c1/1/2/result.json';

/** What every payload store must do; `makeStore` gives an empty one for each test. */
export function describePayloadStore(name: string, makeStore: () => Promise<PayloadStore>): void {
  describe(`payload store: ${name}`, () => {
    let store: PayloadStore;
    beforeEach(async () => {
      store = await makeStore();
    });

    it('has null under a key that was never stored', async () => {
      await store.put(key, '1');
      expect(await store.get(`${key}x`)).toBeNull();
    });

    it('replaces what was there', async () => {
      await store.put(key, '{"attempt":1,"and":"longer"}');
      await store.put(key, '{"attempt":2}');
      expect(await store.get(key)).toBe('{"attempt":2}');
    });

    it.each(['""', '{"name":"Zürich 東京 🌍","nul":"\\u0000","lone":"\\ud83d"}', ` [1,\n2] `])(
      'gives back %j to the letter',
      async (json) => {
        await store.put(key, json);
        expect(await store.get(key)).toBe(json);
      },
    );

    it('carries a megabyte that does not compress', async () => {
      const blocks = Array.from({ length: 32_768 }, (_, n) =>
        createHash('sha256').update(`${n}`).digest('base64'),
      );
      const json = JSON.stringify(blocks.join(''));
      expect(json.length).toBeGreaterThan(1_048_576);
      await store.put(key, json);
      expect(await store.get(key)).toBe(json);
    });

    it('keeps keys apart', async () => {
      await Promise.all([
        store.put('payloads/a/input.json', '"a"'),
        store.put('payloads/b/input.json', '"b"'),
      ]);
      expect(await store.get('payloads/a/input.json')).toBe('"a"');
      expect(await store.get('payloads/b/input.json')).toBe('"b"');
    });

    it('lists what begins with a prefix, by key, with the time of storing', async () => {
      expect(await store.list('payloads/', 1000)).toEqual({ items: [], nextCursor: null });
      const before = Date.now();
      for (const name of ['payloads/b', 'payloads/a/2', 'other/a', 'payloads/a/1'])
        await store.put(name, '1');
      const { items, nextCursor } = await store.list('payloads/', 1000);
      expect(items.map((item) => item.key)).toEqual(['payloads/a/1', 'payloads/a/2', 'payloads/b']);
      expect(nextCursor).toBeNull();
      for (const { storedAt } of items) {
        // S3 tells whole seconds; the emulator's clock may have been moved ahead by another test of the run.
        expect(storedAt).toBeGreaterThan(before - 1000);
      }
      expect((await store.list('payloads/a/', 1000)).items).toHaveLength(2);
    });

    it('lists in pages, each payload once, while they are removed behind it', async () => {
      const names = [1, 2, 3, 4, 5].map((n) => `payloads/${n}`);
      for (const name of names) await store.put(name, '1');
      const seen: string[] = [];
      const sizes: number[] = [];
      let cursor: string | undefined;
      do {
        const { items, nextCursor } = await store.list('payloads/', 2, cursor);
        const found = items.map((item) => item.key);
        await store.remove(found);
        seen.push(...found);
        sizes.push(found.length);
        cursor = nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(seen).toEqual(names);
      expect(sizes).toEqual([2, 2, 1]);
      expect(await store.list('payloads/', 2)).toEqual({ items: [], nextCursor: null });
    });

    it('has no further page after one that is full and the last', async () => {
      for (const name of ['payloads/1', 'payloads/2']) await store.put(name, '1');
      expect(await store.list('payloads/', 2)).toMatchObject({ items: [{}, {}], nextCursor: null });
    });

    it('removes what is there and minds nothing that is not', async () => {
      await store.put('payloads/a', '1');
      await store.put('payloads/b', '2');
      await store.remove(['payloads/a', 'payloads/never']);
      await store.remove([]);
      expect(await store.get('payloads/a')).toBeNull();
      expect(await store.get('payloads/b')).toBe('2');
    });
  });
}
