import type { Clock } from '../ports/clock.ts';
import type { PayloadStore } from '../ports/payload-store.ts';

/** Payloads in this process, for tests and simulations. */
export interface MemoryPayloadStore extends PayloadStore {
  /** Every stored key, in the order of first storing. */
  keys(): string[];
}

/** Creates an empty payload store. */
export function createMemoryPayloadStore(clock: Pick<Clock, 'now'>): MemoryPayloadStore {
  const payloads = new Map<string, { json: string; storedAt: number }>();
  return {
    async put(key, json) {
      payloads.set(key, { json, storedAt: clock.now() });
    },
    async get(key) {
      return payloads.get(key)?.json ?? null;
    },
    async list(prefix, limit, cursor = '') {
      const rest = [...payloads.keys()].filter((key) => key.startsWith(prefix) && key > cursor).sort();
      const items = rest.slice(0, limit).map((key) => ({ key, storedAt: payloads.get(key)?.storedAt ?? 0 }));
      return { items, nextCursor: rest.length > limit ? (items.at(-1)?.key ?? null) : null };
    },
    async remove(keys) {
      for (const key of keys) payloads.delete(key);
    },
    keys: () => [...payloads.keys()],
  };
}
