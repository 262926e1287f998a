import type { Sabotage } from '../sabotage.ts';
import { withStore } from './with-store.ts';

/** A long task begins anew in each invocation. */
export const continuationForgetsSteps: Sabotage = {
  name: 'continuation-forgets-steps',
  description: 'a task that goes on does not reuse its steps',
  services: (services) =>
    withStore(services, {
      save(next, previous, options) {
        const goesOn = next.state === 'PENDING' && next.continues !== null;
        return services.store.save(goesOn ? { ...next, stepsAfter: next.claim } : next, previous, options);
      },
    }),
};
