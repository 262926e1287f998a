import type { Sabotage } from '../sabotage.ts';
import { withStore } from './with-store.ts';

/** A task that waits long enough for its turn is never tried. */
export const snoozeSpendsAttempt: Sabotage = {
  name: 'snooze-spends-attempt',
  description: 'a task that a limit puts off is one attempt poorer',
  services: (services) =>
    withStore(services, {
      save(next, previous, options) {
        const isPutOff = next.state === 'SCHEDULED' || (next.state === 'RETRY' && previous.state === 'RETRY');
        const spent = isPutOff ? { ...next, attempts: next.attempts + 1 } : next;
        return services.store.save(spent, previous, options);
      },
    }),
};
