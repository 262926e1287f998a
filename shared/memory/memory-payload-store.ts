import type { PayloadStore } from '../ports/payload-store.ts';

/** Payloads in this process, for tests and simulations. */
export interface MemoryPayloadStore extends PayloadStore {
  /** Every stored key, in the order of first storing. */
  keys(): string[];
}

/** Creates an empty payload store. */
export function createMemoryPayloadStore(): MemoryPayloadStore {
  const payloads = new Map<string, string>();
  return {
    async put(key, json) {
      payloads.set(key, json);
    },
    async get(key) {
      return payloads.get(key) ?? null;
    },
    keys: () => [...payloads.keys()],
  };
}
