import type { LimitState, LimitStore } from '../ports/limit-store.ts';

/** Limits in this process, for tests and simulations. */
export function createMemoryLimitStore(): LimitStore {
  const stored = new Map<string, LimitState & { readonly writer: string }>();
  return {
    async read(key) {
      const state = stored.get(key);
      return state ? { value: structuredClone(state.value), version: state.version } : null;
    },
    async save(key, value, read, writer) {
      const current = stored.get(key);
      if ((current?.version ?? 0) !== (read?.version ?? 0)) return current?.writer === writer;
      stored.set(key, { value: structuredClone(value), version: (read?.version ?? 0) + 1, writer });
      return true;
    },
  };
}
