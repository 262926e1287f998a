import type { Sabotage } from '../sabotage.ts';
import { withStore } from './with-store.ts';

/** A poison task kills workers for ever. */
export const lostNotCounted: Sabotage = {
  name: 'lost-not-counted',
  description: 'workers that died over a task are not counted',
  services: (services) =>
    withStore(services, {
      save: (next, previous, options) => services.store.save({ ...next, lost: 0 }, previous, options),
    }),
};
