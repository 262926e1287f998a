import type { Sabotage } from '../sabotage.ts';
import { withStore } from './with-store.ts';

/** A task with edited arguments is handed the results of the old ones. */
export const stepsOutliveEdit: Sabotage = {
  name: 'steps-outlive-edit',
  description: 'steps are reused although the arguments were edited',
  services: (services) =>
    withStore(services, {
      save: (next, previous, options) =>
        services.store.save({ ...next, stepsAfter: previous.stepsAfter }, previous, options),
    }),
};
