import type { Sabotage } from '../sabotage.ts';
import { withStore } from './with-store.ts';

/** A task that always fails is tried for ever. */
export const retryCountReset: Sabotage = {
  name: 'retry-count-reset',
  description: 'each retry begins to count attempts anew',
  services: (services) =>
    withStore(services, {
      save: (next, previous, options) =>
        services.store.save(next.state === 'RETRY' ? { ...next, attempts: 0 } : next, previous, options),
    }),
};
