import type { Sabotage } from '../sabotage.ts';
import { withStore } from './with-store.ts';

/** Two tasks of the same thing run side by side. */
export const uniqueLockIgnored: Sabotage = {
  name: 'unique-lock-ignored',
  description: 'unique locks are neither read nor taken',
  services: (services) =>
    withStore(services, {
      readLock: async () => null,
      create: (record, options) => services.store.create(record, { ...options, lock: null }),
      save: (next, previous, options) => services.store.save(next, previous, { ...options, lock: null }),
    }),
};
