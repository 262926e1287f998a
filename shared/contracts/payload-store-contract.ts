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
  });
}
