import type { Sabotage } from '../sabotage.ts';
import { withStore } from './with-store.ts';

/** Whether an at-most-once step had begun is not known afterwards. */
export const stepBeginNotMarked: Sabotage = {
  name: 'step-begin-not-marked',
  description: 'the beginning of at-most-once steps is not marked',
  services: (services) =>
    withStore(services, {
      saveStep: async (taskId, step) => step.value === null || services.store.saveStep(taskId, step),
    }),
};
