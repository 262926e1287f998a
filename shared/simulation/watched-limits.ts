import type { LimitStore } from '../ports/limit-store.ts';
import type { Observe } from './observation.ts';
import type { SimProcess } from './process.ts';

/** Watches every write that really changes a limit: what a process saves is told under its name. */
export function watchLimits(base: LimitStore, observe: Observe): (process: SimProcess) => LimitStore {
  return (process) => ({
    ...base,
    async save(key, value, read, writer) {
      const before = await base.read(key);
      const saved = await base.save(key, value, read, writer);
      const after = await base.read(key);
      // A try that finds its own writer id changed nothing: an earlier try had.
      if (saved && after !== null && after.version !== before?.version) {
        observe({ kind: 'limit-changed', process, key, before: before?.value ?? null, after: after.value });
      }
      return saved;
    },
  });
}
