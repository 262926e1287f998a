import type { Sabotage } from '../sabotage.ts';
import { withStore } from './with-store.ts';

/** A step's result is kept by nobody. */
export const stepNotRecorded: Sabotage = {
  name: 'step-not-recorded',
  description: 'steps go on without being recorded',
  services: (services) => withStore(services, { saveStep: async () => true }),
};
