import type { Sabotage } from '../sabotage.ts';
import { forceSave } from './force-save.ts';
import { withStore } from './with-store.ts';

/** Two workers may draw the same claim. */
export const claimWithoutCondition: Sabotage = {
  name: 'claim-without-condition',
  description: 'a claim is saved whatever happened to the record since it was read',
  services: (services) =>
    withStore(services, {
      save: (next, previous, options) =>
        next.claim > previous.claim
          ? forceSave(services.store, next, previous, options)
          : services.store.save(next, previous, options),
    }),
};
