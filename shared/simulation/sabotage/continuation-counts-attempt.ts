import type { Sabotage } from '../sabotage.ts';
import { withStore } from './with-store.ts';

/** A long task uses up its retries by going on. */
export const continuationCountsAttempt: Sabotage = {
  name: 'continuation-counts-attempt',
  description: 'going on in a fresh invocation counts as another attempt',
  services: (services) =>
    withStore(services, {
      save(next, previous, options) {
        const goesOn = next.claim > previous.claim && 'continues' in previous && previous.continues !== null;
        return services.store.save(
          goesOn ? { ...next, attempts: next.attempts + 1 } : next,
          previous,
          options,
        );
      },
    }),
};
