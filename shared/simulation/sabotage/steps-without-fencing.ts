import type { Sabotage } from '../sabotage.ts';
import { withStore } from './with-store.ts';

/** A stale attempt writes over the newer one's step. */
export const stepsWithoutFencing: Sabotage = {
  name: 'steps-without-fencing',
  description: 'steps are recorded whoever holds the claim',
  services: (services) =>
    withStore(services, {
      async saveStep(taskId, step) {
        const claim = (await services.store.read(taskId))?.claim ?? step.claim;
        return services.store.saveStep(taskId, { ...step, claim });
      },
    }),
};
