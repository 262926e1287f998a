import type { Sabotage } from '../sabotage.ts';
import { forceSave } from './force-save.ts';
import { withStore } from './with-store.ts';

/** The last writer wins. */
export const transitionIgnoringVersion: Sabotage = {
  name: 'transition-ignoring-version',
  description: 'every save overwrites what others saved meanwhile',
  services: (services) =>
    withStore(services, {
      save: (next, previous, options) => forceSave(services.store, next, previous, options),
    }),
};
